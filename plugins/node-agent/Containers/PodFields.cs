using System.Globalization;
using System.Text;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Nodes;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>What containers may ask about their own pod, in the environment and in files.</summary>
internal static class PodFields
{
    /// <summary>The text of a field; null if containers may not ask for it.</summary>
    public static string? Of(Pod pod, string path, string nodeName, string nodeAddress, IReadOnlyList<string> addresses) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.Namespace,
        "metadata.uid" => pod.Metadata.Uid,
        "metadata.labels" => Lines(pod.Metadata.Labels),
        "metadata.annotations" => Lines(pod.Metadata.Annotations),
        "spec.nodeName" => nodeName,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName,
        "status.podIP" => addresses.Count > 0 ? addresses[0] : nodeAddress,
        "status.podIPs" => addresses.Count > 0 ? string.Join(',', addresses) : nodeAddress,
        "status.hostIP" or "status.hostIPs" => nodeAddress,
        _ when Key(path, "metadata.labels['") is { } label => pod.Metadata.Labels.GetValueOrDefault(label, ""),
        _ when Key(path, "metadata.annotations['") is { } annotation => pod.Metadata.Annotations.GetValueOrDefault(annotation, ""),
        _ => null,
    };

    /// <summary>The text of a request or limit; what has no limit may use the whole node.</summary>
    public static string Of(Container container, ResourceReference reference)
    {
        var (kind, name) = reference.Resource.Split('.', 2) is [var first, var second] ? (first, second) : ("", "");
        var list = kind == "limits" ? container.Resources.Limits : container.Resources.Requests;
        var amount = list.TryGetValue(name, out var text) ? Quantity.Parse(text) : kind == "limits" ? Whole(name) : Quantity.Zero;
        var divisor = Quantity.Parse(reference.Divisor) is { IsZero: false } given ? given : Quantity.From(1);
        return (name == "cpu" ? DivideUp(amount.ToMilli(), divisor.ToMilli()) : DivideUp(amount.ToLong(), divisor.ToLong())).ToString(CultureInfo.InvariantCulture);
    }

    private static Quantity Whole(string resource) => resource switch
    {
        "cpu" => Quantity.From(Environment.ProcessorCount),
        "memory" => Quantity.From(MachineFacts.MemoryBytes()),
        _ => Quantity.Zero,
    };

    private static long DivideUp(long amount, long divisor) => (amount / divisor) + (amount % divisor > 0 ? 1 : 0);

    private static string? Key(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[prefix.Length..^2] : null;

    private static string Lines(IReadOnlyDictionary<string, string> entries) =>
        string.Join('\n', entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={Quote(entry.Value)}"));

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append(@"\\"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                _ when Rune.IsControl(rune) => quoted.Append(CultureInfo.InvariantCulture, $@"\x{rune.Value:x2}"),
                _ => quoted.Append(rune.ToString()),
            };
        }

        return quoted.Append('"').ToString();
    }
}
