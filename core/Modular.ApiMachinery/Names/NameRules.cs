namespace Modular.ApiMachinery;

/// <summary>
/// What Kubernetes allows as a name, in its own words. Each rule answers what is wrong with a value; an empty list means nothing is.
/// </summary>
public static class NameRules
{
    private const string LabelCharacters =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
        "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string SubdomainCharacters =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with " +
        "an alphanumeric character (e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string Label1035Characters =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with " +
        "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string QualifiedNameCharacters =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string LabelValueCharacters =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
        "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string ConfigKeyCharacters =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', " +
        "regex used for validation is '[-._a-zA-Z0-9]+')";

    private const string EnvironmentCharacters =
        "a valid environment variable name must consist only of printable ASCII characters other than '='";

    /// <summary>The name of a namespace, a container, a volume: up to 63 characters, no dots.</summary>
    public static IReadOnlyList<string> Dns1123Label(string value) =>
        Check(value, 63, IsDnsLabel(value), LabelCharacters);

    /// <summary>The name of most objects: labels with dots between them, up to 253 characters.</summary>
    public static IReadOnlyList<string> Dns1123Subdomain(string value) =>
        Check(value, 253, IsSubdomain(value), SubdomainCharacters);

    /// <summary>The name of a service: a label that begins with a letter.</summary>
    public static IReadOnlyList<string> Dns1035Label(string value) =>
        Check(value, 63, IsDnsLabel(value) && char.IsAsciiLetterLower(value[0]), Label1035Characters);

    /// <summary>
    /// A label's or annotation's key, a finalizer, a resource's name: a name of up to 63 characters, optionally after <c>domain/</c>.
    /// </summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        var slash = value.IndexOf('/');
        if (slash >= 0 && value.AsSpan(slash + 1).Contains('/'))
        {
            return
            [
                $"a qualified name {QualifiedNameCharacters} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
            ];
        }

        var prefix = slash < 0 ? default : value.AsSpan(0, slash);
        var name = value.AsSpan(slash + 1);
        var prefixFits = slash < 0 || (prefix.Length is > 0 and <= 253 && IsSubdomain(prefix));
        if (prefixFits && name.Length <= 63 && IsQualifiedPart(name))
        {
            return [];
        }

        var errors = new List<string>();
        if (!prefixFits)
        {
            AddPrefixErrors(errors, prefix);
        }

        if (name.Length == 0)
        {
            errors.Add("name part must be non-empty");
        }
        else if (name.Length > 63)
        {
            errors.Add("name part " + TooLong(63));
        }

        if (!IsQualifiedPart(name))
        {
            errors.Add("name part " + QualifiedNameCharacters);
        }

        return errors;
    }

    /// <summary>A label's value: empty, or up to 63 characters.</summary>
    public static IReadOnlyList<string> LabelValue(string value) =>
        Check(value, 63, value.Length == 0 || IsQualifiedPart(value), LabelValueCharacters);

    /// <summary>The name of a container's port: up to 15 of a-z, 0-9 and hyphens, with a letter.</summary>
    public static IReadOnlyList<string> PortName(string value)
    {
        var errors = new List<string>();
        if (value.Length > 15)
        {
            errors.Add(TooLong(15));
        }

        if (value.Length == 0 || value.AsSpan().ContainsAnyExcept(NameCharacters.PortName))
        {
            errors.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }

        if (!value.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            errors.Add("must contain at least one letter (a-z)");
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            errors.Add("must not contain consecutive hyphens");
        }

        if (value.StartsWith('-') || value.EndsWith('-'))
        {
            errors.Add("must not begin or end with a hyphen");
        }

        return errors;
    }

    /// <summary>A port's number.</summary>
    public static IReadOnlyList<string> PortNumber(long value) =>
        value is >= 1 and <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];

    /// <summary>A key of a config map's or a secret's data.</summary>
    public static IReadOnlyList<string> ConfigMapKey(string value)
    {
        if (value is "." or "..")
        {
            return [$"must not be '{value}'"];
        }

        if (value.StartsWith("..", StringComparison.Ordinal))
        {
            return ["must not start with '..'"];
        }

        return Check(value, 253, value.Length > 0 && !value.AsSpan().ContainsAnyExcept(NameCharacters.ConfigKey), ConfigKeyCharacters);
    }

    /// <summary>The name of an environment variable.</summary>
    public static IReadOnlyList<string> EnvironmentVariable(string value)
    {
        if (value.Length == 0)
        {
            return ["environment variable name must be non-empty"];
        }

        foreach (var c in value)
        {
            if (c is < ' ' or > '~' or '=')
            {
                return [EnvironmentCharacters];
            }
        }

        return [];
    }

    /// <summary>A name that can be part of a URL's path: what kinds without a stricter rule allow.</summary>
    public static IReadOnlyList<string> PathSegment(string value)
    {
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }

        var errors = new List<string>();
        foreach (var c in "/%")
        {
            if (value.Contains(c))
            {
                errors.Add($"may not contain '{c}'");
            }
        }

        return errors;
    }

    private static IReadOnlyList<string> Check(string value, int longest, bool charactersFit, string characters) =>
        (value.Length > longest, charactersFit) switch
        {
            (false, true) => [],
            (true, true) => [TooLong(longest)],
            (false, false) => [characters],
            _ => [TooLong(longest), characters],
        };

    private static void AddPrefixErrors(List<string> errors, ReadOnlySpan<char> prefix)
    {
        if (prefix.Length == 0)
        {
            errors.Add("prefix part must be non-empty");
            return;
        }

        foreach (var error in Dns1123Subdomain(prefix.ToString()))
        {
            errors.Add("prefix part " + error);
        }
    }

    private static string TooLong(int longest) => $"must be no more than {longest} bytes";

    private static bool IsSubdomain(ReadOnlySpan<char> value)
    {
        foreach (var range in value.Split('.'))
        {
            if (!IsDnsLabel(value[range]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDnsLabel(ReadOnlySpan<char> value) =>
        value.Length > 0 && value[0] != '-' && value[^1] != '-' && !value.ContainsAnyExcept(NameCharacters.DnsLabel);

    private static bool IsQualifiedPart(ReadOnlySpan<char> value) =>
        value.Length > 0
        && char.IsAsciiLetterOrDigit(value[0])
        && char.IsAsciiLetterOrDigit(value[^1])
        && !value.ContainsAnyExcept(NameCharacters.ConfigKey);
}
