using System.Globalization;

namespace Modular.ApiServer;

/// <summary>Chooses the form of an answer from an Accept header: the best-rated clause that the server understands, the first among equals.</summary>
internal static class AcceptHeader
{
    private const string Accepted = "only the following media types are accepted: application/json, application/yaml";
    private const string AcceptedWithProtobuf = $"{Accepted}, {ProtobufFormat.MediaType}";

    /// <summary>Negotiates an answer that shows objects.</summary>
    /// <param name="header">What the client asks for.</param>
    /// <param name="pretty">Whether it wants line breaks.</param>
    /// <param name="speaksProtobuf">Whether the objects have a protobuf form.</param>
    /// <exception cref="ApiException">NotAcceptable.</exception>
    public static ResponseFormat Negotiate(ReadOnlySpan<char> header, bool pretty, bool speaksProtobuf)
    {
        if (header is "" or MediaType.Json or "*/*")
        {
            return new ResponseFormat { Pretty = pretty };
        }

        var best = -1.0;
        var chosen = default(ResponseFormat);
        foreach (var range in header.Split(','))
        {
            var clause = new AcceptClause(header[range]);
            if (clause.Quality > best && clause.Quality > 0 && TryUnderstand(clause, speaksProtobuf, out var format))
            {
                best = clause.Quality;
                chosen = format;
            }
        }

        return best < 0
            ? throw new ApiException(StatusReason.NotAcceptable, speaksProtobuf ? AcceptedWithProtobuf : Accepted)
            : chosen with { Pretty = pretty && !chosen.Yaml && !chosen.Protobuf };
    }

    /// <summary>Whether a Status is best sent as protobuf: it has that form whatever the request was about.</summary>
    public static bool PrefersProtobuf(ReadOnlySpan<char> header)
    {
        if (!header.Contains(ProtobufFormat.MediaType, StringComparison.Ordinal))
        {
            return false;
        }

        var (best, prefers) = (0.0, false);
        foreach (var range in header.Split(','))
        {
            var clause = new AcceptClause(header[range]);
            if (clause.Quality > best && (clause.IsProtobuf || clause.IsJson || clause.IsYaml))
            {
                (best, prefers) = (clause.Quality, clause.IsProtobuf);
            }
        }

        return prefers;
    }

    /// <summary>The version of apidiscovery.k8s.io that a client wants its discovery in; empty for the plain documents.</summary>
    public static string NegotiateDiscovery(ReadOnlySpan<char> header)
    {
        var best = -1.0;
        var chosen = "";
        foreach (var range in header.Split(','))
        {
            var clause = new AcceptClause(header[range]);
            if (clause.Quality <= best || clause.Quality <= 0 || !clause.IsJson || clause.HasUnknownParameter)
            {
                continue;
            }

            if (clause.As.IsEmpty)
            {
                (best, chosen) = (clause.Quality, "");
            }
            else if (clause.As is "APIGroupDiscoveryList" && clause.Group is "apidiscovery.k8s.io" && clause.Version is "v2" or "v2beta1")
            {
                (best, chosen) = (clause.Quality, clause.Version is "v2" ? "v2" : "v2beta1");
            }
        }

        return chosen;
    }

    private static bool TryUnderstand(AcceptClause clause, bool speaksProtobuf, out ResponseFormat format)
    {
        format = default;
        var protobuf = clause.IsProtobuf && speaksProtobuf;
        if (clause.HasUnknownParameter || (!protobuf && !clause.IsJson && !clause.IsYaml))
        {
            return false;
        }

        var yaml = clause.IsYaml;
        if (clause.As.IsEmpty)
        {
            format = new ResponseFormat { Yaml = yaml, Protobuf = protobuf };
            return true;
        }

        var version = clause.Version switch { "v1" => "v1", "v1beta1" => "v1beta1", _ => "" };
        Representation? representation = clause.As switch
        {
            // Tables have no protobuf form.
            "Table" when !protobuf => Representation.Table,
            "PartialObjectMetadata" or "PartialObjectMetadataList" => Representation.Metadata,
            _ => null,
        };
        if (clause.Group is not "meta.k8s.io" || version.Length == 0 || representation is null)
        {
            return false;
        }

        format = new ResponseFormat { Yaml = yaml, Protobuf = protobuf, Representation = representation.Value, MetaVersion = version };
        return true;
    }
}

/// <summary>One clause of an Accept header.</summary>
internal readonly ref struct AcceptClause
{
    public AcceptClause(ReadOnlySpan<char> clause)
    {
        Quality = 1;
        var first = true;
        foreach (var range in clause.Split(';'))
        {
            var part = clause[range].Trim();
            if (first)
            {
                Type = part;
                first = false;
                continue;
            }

            var equals = part.IndexOf('=');
            var name = equals < 0 ? part : part[..equals].TrimEnd();
            var value = equals < 0 ? default : part[(equals + 1)..].Trim().Trim('"');
            switch (name)
            {
                case "as": As = value; break;
                case "v": Version = value; break;
                case "g": Group = value; break;
                case "q": Quality = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var q) ? q : 0; break;
                case "" or "charset" or "stream" or "pretty": break;
                default: HasUnknownParameter = true; break;
            }
        }
    }

    public ReadOnlySpan<char> Type { get; }

    public ReadOnlySpan<char> As { get; }

    public ReadOnlySpan<char> Version { get; }

    public ReadOnlySpan<char> Group { get; }

    public double Quality { get; }

    /// <summary>True for a parameter such as <c>profile</c>, whose meaning the server does not know: the next clause is tried.</summary>
    public bool HasUnknownParameter { get; }

    public bool IsJson => Type is MediaType.Json or "*/*" or "application/*";

    public bool IsProtobuf => Type is ProtobufFormat.MediaType;

    public bool IsYaml => Type is MediaType.Yaml or "text/yaml" or "application/x-yaml";
}
