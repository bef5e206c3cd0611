using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Modular.TableGenerator;

/// <summary>Turns facts into lines; the plugin's README describes the format.</summary>
internal sealed partial class TableWriter(JsonElement facts)
{
    private readonly StringBuilder _resources = new("# Kubernetes 1.36, written by generator/ from the facts of its API. Do not edit; corrections belong in overlay.txt.\n");
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _types = new(StringComparer.Ordinal);
    private readonly Queue<string> _pending = new();

    /// <summary>Lists a resource, with the types that it needs.</summary>
    public void AddResource(string groupVersion, string name)
    {
        var resource = facts.GetProperty("resources").GetProperty(groupVersion).EnumerateArray()
            .FirstOrDefault(r => r.GetProperty("resource").GetString() == name);
        if (resource.ValueKind == JsonValueKind.Undefined)
        {
            throw new ArgumentException($"the facts have no {groupVersion}/{name}");
        }

        List(groupVersion, resource, Need);
    }

    /// <summary>Lists the resources that were not added, without their types: it takes the whole list to say what is not served.</summary>
    public void AddOthers()
    {
        foreach (var group in facts.GetProperty("resources").EnumerateObject().OrderBy(group => group.Name, StringComparer.Ordinal))
        {
            foreach (var resource in group.Value.EnumerateArray().Where(resource => !_listed.Contains($"{group.Name}/{resource.GetProperty("resource")}")))
            {
                List(group.Name, resource, static _ => { });
            }
        }
    }

    private void List(string groupVersion, JsonElement resource, Action<string> need)
    {
        var name = resource.GetProperty("resource").GetString()!;
        _listed.Add($"{groupVersion}/{name}");
        var kind = resource.GetProperty("kind").GetString()!;
        _resources.Append($"resource {groupVersion}/{name} kind={kind} singular={resource.GetProperty("singular").GetString()}");
        _resources.Append(resource.GetProperty("namespaced").GetBoolean() ? " namespaced" : "");
        AppendList("short", resource, "shortNames");
        AppendList("categories", resource, "categories");
        AppendList("verbs", resource, "verbs");
        _resources.Append('\n');
        need(TypeOfKind(groupVersion, kind));
        if (!resource.TryGetProperty("subresources", out var subresources))
        {
            return;
        }

        foreach (var subresource in subresources.EnumerateArray())
        {
            var subKind = subresource.GetProperty("kind").GetString()!;
            _resources.Append($"  subresource {subresource.GetProperty("name").GetString()} kind={subKind}");
            AppendList("verbs", subresource, "verbs");
            _resources.Append('\n');
            var slash = subKind.LastIndexOf('/');
            need(TypeOfKind(slash < 0 ? groupVersion : subKind[..slash], subKind[(slash + 1)..]));
        }
    }

    public string Resources() => _resources.ToString();

    public string Types()
    {
        var text = new StringBuilder("# Kubernetes 1.36, written by generator/ from the facts of its API. Do not edit; corrections belong in overlay.txt.\n");
        var all = facts.GetProperty("types");
        var done = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (_pending.TryDequeue(out var name))
        {
            done[name] = Type(name, all.GetProperty(name));
        }

        foreach (var lines in done.Values)
        {
            text.Append(lines);
        }

        return text.ToString();
    }

    private string Type(string name, JsonElement type)
    {
        var text = new StringBuilder($"type {Short(name)}");
        if (type.TryGetProperty("gvk", out var kind))
        {
            text.Append($" gvk={kind.GetString()}");
        }

        if (type.TryGetProperty("is", out var scalar))
        {
            return text.Append($" is={scalar.GetString()}\n").ToString();
        }

        if (type.TryGetProperty("mapType", out var mapType))
        {
            text.Append($" map={mapType.GetString()}");
        }

        text.Append('\n');
        if (type.TryGetProperty("inline", out var inline))
        {
            foreach (var message in inline.EnumerateObject())
            {
                text.Append($"  inline {message.Name} #{message.Value.GetProperty("n")}:{message.Value.GetProperty("message").GetString()}");
                foreach (var field in message.Value.GetProperty("fields").EnumerateObject())
                {
                    text.Append($" {field.Name}#{field.Value}");
                }

                text.Append('\n');
            }
        }

        foreach (var field in type.GetProperty("fields").EnumerateObject().OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            text.Append(Field(field.Name, field.Value));
        }

        return text.ToString();
    }

    private string Field(string name, JsonElement field)
    {
        var type = Reference().Replace(field.GetProperty("t").GetString()!, match =>
        {
            Need(match.Groups[1].Value);
            return Short(match.Groups[1].Value);
        });
        var text = new StringBuilder($"  {name} {type}");
        if (field.TryGetProperty("n", out var number))
        {
            text.Append($" #{number}:{field.GetProperty("p").GetString()!.Replace(", ", ",", StringComparison.Ordinal).Replace(' ', ':')}");
        }

        if (field.TryGetProperty("r", out _))
        {
            text.Append(" required");
        }

        if (field.TryGetProperty("d", out var otherwise))
        {
            text.Append($" default={otherwise.GetRawText()}");
        }

        if (field.TryGetProperty("lt", out var list))
        {
            text.Append($" list={list.GetString()}");
            if (field.TryGetProperty("lk", out var keys))
            {
                text.Append($"({string.Join(',', keys.EnumerateArray().Select(k => k.GetString()))})");
            }
        }

        foreach (var (attribute, label) in (ReadOnlySpan<(string, string)>)[("mk", "mergeKey"), ("ms", "merge"), ("mt", "map")])
        {
            if (field.TryGetProperty(attribute, out var value))
            {
                text.Append($" {label}={value.GetString()}");
            }
        }

        return text.Append('\n').ToString();
    }

    private void AppendList(string label, JsonElement element, string member)
    {
        if (element.TryGetProperty(member, out var list) && list.GetArrayLength() > 0)
        {
            _resources.Append($" {label}={string.Join(',', list.EnumerateArray().Select(v => v.GetString()))}");
        }
    }

    private string TypeOfKind(string groupVersion, string kind)
    {
        foreach (var type in facts.GetProperty("types").EnumerateObject())
        {
            if (type.Value.TryGetProperty("gvk", out var gvk) && gvk.GetString()!.Split(',').Contains($"{groupVersion}/{kind}"))
            {
                return type.Name;
            }
        }

        return "";
    }

    private void Need(string type)
    {
        if (type.Length > 0 && _types.Add(type))
        {
            _pending.Enqueue(type);
        }
    }

    // The two long prefixes that nearly every name has.
    private static string Short(string name) => name
        .Replace("io.k8s.apimachinery.pkg.", "machinery.", StringComparison.Ordinal)
        .Replace("io.k8s.api.", "", StringComparison.Ordinal);

    [GeneratedRegex(@"ref:([\w.\-]+)")]
    private static partial Regex Reference();
}
