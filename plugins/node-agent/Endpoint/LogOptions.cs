using System.Globalization;
using Microsoft.AspNetCore.Http;
using Modular.ApiMachinery;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>What a reader of logs asks for.</summary>
internal sealed record LogOptions
{
    public bool Follow { get; init; }

    public bool Previous { get; init; }

    public bool Timestamps { get; init; }

    /// <summary>Only this many of the last lines; null for all.</summary>
    public long? TailLines { get; init; }

    /// <summary>At most this many bytes; null for all.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Nothing older.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>stdout, stderr, or empty for both.</summary>
    public string Stream { get; init; } = "";

    /// <exception cref="ApiException">A value is not what it should be.</exception>
    public static LogOptions Read(IQueryCollection query, DateTimeOffset now)
    {
        var since = Number(query, "sinceSeconds", least: 1) is { } seconds ? now - TimeSpan.FromSeconds(seconds) : Time(query, "sinceTime");
        var stream = query["stream"].ToString();
        return new LogOptions
        {
            Follow = Flag(query, "follow"),
            Previous = Flag(query, "previous"),
            Timestamps = Flag(query, "timestamps"),
            TailLines = Number(query, "tailLines", least: 0),
            LimitBytes = Number(query, "limitBytes", least: 1),
            Since = since,
            Stream = stream is "Stdout" or "Stderr" ? stream.ToLowerInvariant() : "",
        };
    }

    private static bool Flag(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" or "false" or "0" => false,
        "true" or "1" => true,
        var other => throw Wrong(name, other),
    };

    private static long? Number(IQueryCollection query, string name, long least)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw Wrong(name, text);
    }

    private static DateTimeOffset? Time(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw Wrong(name, text);
    }

    private static ApiException Wrong(string name, string value) => new(StatusReason.BadRequest, $"{name}: '{value}' is not valid");
}
