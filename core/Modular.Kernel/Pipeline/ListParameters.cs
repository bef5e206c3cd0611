using System.Globalization;

namespace Modular.Kernel;

/// <summary>Checks the parameters of list and watch against each other.</summary>
internal static class ListParameters
{
    private const string Exact = "Exact";
    private const string NotOlderThan = "NotOlderThan";

    private static readonly GroupVersionKind Kind = new("meta.k8s.io", "v1", "ListOptions");

    /// <summary>The revision a client named; null if none.</summary>
    /// <exception cref="ApiException">BadRequest.</exception>
    public static long? Revision(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw RequestErrors.Bad($"Invalid value: \"{text}\": resourceVersion must be a decimal number");
    }

    /// <exception cref="ApiException">Invalid.</exception>
    public static void DemandList(ListOptions options)
    {
        var errors = new FieldErrors();
        DemandMatch(options, errors);
        if (options.SendInitialEvents is not null)
        {
            errors.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
        }

        if (options.Continue.Length > 0 && options.ResourceVersion is not ("" or "0"))
        {
            throw RequestErrors.Bad("specifying resource version is not allowed when using continue");
        }

        Refuse(errors);
    }

    /// <exception cref="ApiException">Invalid.</exception>
    public static void DemandWatch(ListOptions options)
    {
        var errors = new FieldErrors();
        if (options.SendInitialEvents is null)
        {
            if (options.ResourceVersionMatch.Length > 0)
            {
                errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
            }
        }
        else if (options.ResourceVersionMatch.Length == 0)
        {
            errors.Forbidden("resourceVersionMatch", $"sendInitialEvents requires setting resourceVersionMatch to {NotOlderThan}");
        }
        else if (options.ResourceVersionMatch != NotOlderThan)
        {
            errors.NotSupported("resourceVersionMatch", options.ResourceVersionMatch, [NotOlderThan]);
        }

        Refuse(errors);
    }

    /// <summary>Whether a list is wanted exactly as of the revision it names.</summary>
    public static bool WantsExact(ListOptions options, long? revision) =>
        revision > 0 && (options.ResourceVersionMatch == Exact || (options.ResourceVersionMatch.Length == 0 && options.Limit > 0));

    private static void DemandMatch(ListOptions options, FieldErrors errors)
    {
        var match = options.ResourceVersionMatch;
        if (match.Length == 0)
        {
            return;
        }

        if (options.Continue.Length > 0)
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        }

        if (options.ResourceVersion.Length == 0)
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (match is not (Exact or NotOlderThan))
        {
            errors.NotSupported("resourceVersionMatch", match, [Exact, NotOlderThan]);
        }
        else if (match == Exact && options.ResourceVersion == "0")
        {
            errors.Forbidden("resourceVersionMatch", $"resourceVersionMatch \"{Exact}\" is forbidden for resourceVersion \"0\"");
        }
    }

    private static void Refuse(FieldErrors errors)
    {
        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(Kind, ""));
        }
    }
}
