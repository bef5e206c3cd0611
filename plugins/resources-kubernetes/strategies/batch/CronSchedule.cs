using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>
/// Schedules as Kubernetes reads them: five fields, a name such as @daily, or @every with a duration. Packages for .NET read another cron, with L, W and #
/// and without @every, and say what is wrong in other words than clients know.
/// </summary>
internal static class CronSchedule
{
    private static readonly string[] Descriptors = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly (int Least, int Most, string[] Names)[] Fields = [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, Months), (0, 6, Days)];

    /// <summary>What is wrong with a schedule; null if nothing is.</summary>
    public static string? Problem(string schedule)
    {
        if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        }

        if (schedule.StartsWith('@'))
        {
            return Descriptors.Contains(schedule) || IsEvery(schedule) ? null : $"unrecognized descriptor: {schedule}";
        }

        var fields = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Fields.Length)
        {
            return $"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]";
        }

        for (var i = 0; i < fields.Length; i++)
        {
            foreach (var range in fields[i].Split(','))
            {
                if (RangeProblem(range, Fields[i].Least, Fields[i].Most, Fields[i].Names) is { } problem)
                {
                    return problem;
                }
            }
        }

        return null;
    }

    private static string? RangeProblem(string range, int least, int most, string[] names)
    {
        var parts = range.Split('/');
        if (parts.Length > 2)
        {
            return $"too many slashes: {range}";
        }

        if (parts.Length == 2 && (!TryNumber(parts[1], [], out var step) || step == 0))
        {
            return $"step of range should be a positive number: {range}";
        }

        if (parts[0] is "*" or "?")
        {
            return null;
        }

        var ends = parts[0].Split('-');
        if (ends.Length > 2)
        {
            return $"too many hyphens: {range}";
        }

        if (!TryNumber(ends[0], names, out var from) || !TryNumber(ends[^1], names, out var to))
        {
            return $"failed to parse int from {parts[0]}";
        }

        return from < least ? $"beginning of range ({from}) below minimum ({least}): {range}"
            : to > most ? $"end of range ({to}) above maximum ({most}): {range}"
            : from > to ? $"beginning of range ({from}) beyond end of range ({to}): {range}"
            : null;
    }

    private static bool TryNumber(string text, string[] names, out int number)
    {
        number = Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (number >= 0)
        {
            // Months are counted from 1, days from 0.
            number += names.Length == Months.Length ? 1 : 0;
            return true;
        }

        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
    }

    private static bool IsEvery(string schedule)
    {
        const string every = "@every ";
        if (!schedule.StartsWith(every, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = schedule.AsSpan(every.Length);
        var parts = 0;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0)
            {
                return false;
            }

            var unit = rest[digits..].StartsWith("ms") ? 2 : rest[digits] is 'h' or 'm' or 's' ? 1 : 0;
            if (unit == 0)
            {
                return false;
            }

            rest = rest[(digits + unit)..];
            parts++;
        }

        return parts > 0;
    }
}
