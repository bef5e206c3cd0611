using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Collects what is wrong with an object, in Kubernetes' wording; each entry names the field's path. Not thread-safe.</summary>
public sealed class FieldErrors
{
    // A large body may hold a hundred thousand errors, and each tells what was sent.
    private const int MostCauses = 100;

    private readonly List<StatusCause> _causes = [];

    /// <summary>What was found so far, the first hundred.</summary>
    public IReadOnlyList<StatusCause> Causes => _causes;

    /// <summary>True once anything is wrong.</summary>
    public bool Any => _causes.Count > 0;

    /// <summary>True once so much is wrong that no more is told: whoever goes through what may be long stops there.</summary>
    public bool IsFull { get; private set; }

    /// <summary>A field that must be set is not.</summary>
    public void Required(string field, string detail = "") =>
        Add("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    /// <summary>A value that cannot be right; strings are quoted in the message.</summary>
    public void Invalid(string field, object? value, string detail) =>
        Add("FieldValueInvalid", field, $"Invalid value: {Quote(value)}: {detail}");

    /// <summary>A value of the wrong JSON type.</summary>
    public void TypeInvalid(string field, object? value, string detail) =>
        Add("FieldValueTypeInvalid", field, $"Invalid value: {Quote(value)}: {detail}");

    /// <summary>A value outside its enumeration.</summary>
    public void NotSupported(string field, object? value, IEnumerable<string> supported) =>
        Add("FieldValueNotSupported", field,
            $"Unsupported value: {Quote(value)}: supported values: {string.Join(", ", supported.Order(StringComparer.Ordinal).Select(v => $"\"{v}\""))}");

    /// <summary>A field that must not be set, or not be changed, here.</summary>
    public void Forbidden(string field, string detail) => Add("FieldValueForbidden", field, $"Forbidden: {detail}");

    /// <summary>Two entries of a list that must differ are the same.</summary>
    public void Duplicate(string field, object? value) => Add("FieldValueDuplicate", field, $"Duplicate value: {Quote(value)}");

    /// <summary>Something this object names does not exist.</summary>
    public void NotFound(string field, object? value) => Add("FieldValueNotFound", field, $"Not found: {Quote(value)}");

    /// <summary>A value longer than allowed.</summary>
    public void TooLong(string field, int maxBytes) =>
        Add("FieldValueTooLong", field, $"Too long: may not be more than {maxBytes} bytes");

    /// <summary>What somebody else found.</summary>
    public void AddRange(IEnumerable<StatusCause> causes)
    {
        foreach (var cause in causes)
        {
            Add(cause);
        }
    }

    /// <summary>The 422 status for an object of this kind and name.</summary>
    public ApiStatus ToStatus(GroupVersionKind kind, string name)
    {
        var lines = _causes.Select(c => $"{c.Field}: {c.Message}").ToList();
        if (IsFull)
        {
            lines.Add("and more errors");
        }

        var text = lines.Count == 1 ? lines[0] : $"[{string.Join(", ", lines)}]";
        var qualified = kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}";
        return new ApiStatus(StatusReason.Invalid, $"{qualified} \"{name}\" is invalid: {text}")
        {
            Kind = kind.Kind,
            Group = kind.Group,
            Name = name,
            Causes = [.. _causes],
        };
    }

    private void Add(string reason, string field, string message) => Add(new StatusCause(reason, message, field));

    private void Add(StatusCause cause)
    {
        if (_causes.Count < MostCauses)
        {
            _causes.Add(cause);
        }
        else
        {
            IsFull = true;
        }
    }

    private static string Quote(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        JsonNode node => System.Text.Encoding.UTF8.GetString(ObjectEncoding.EncodeValue(node)),
        _ => value.ToString() ?? "null",
    };
}
