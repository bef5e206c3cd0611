namespace Modular.ApiMachinery;

/// <summary>How Kubernetes names types in the messages that clients know.</summary>
internal static class GoTypeNames
{
    public static string Of(Schema schema) => schema.Type switch
    {
        SchemaType.Array => "[]" + (schema.Items is { } items ? Of(items) : "interface {}"),
        SchemaType.Object when schema.AdditionalProperties is { } values => "map[string]" + Of(values),
        SchemaType.Object => Short(schema.Name),
        SchemaType.Integer => schema.Format.Length == 0 ? "int64" : schema.Format,
        SchemaType.Number => "float64",
        SchemaType.Boolean => "bool",
        SchemaType.IntOrString => "intstr.IntOrString",
        SchemaType.Quantity => "resource.Quantity",
        SchemaType.Any => "interface {}",
        _ when schema.Format == "byte" => "[]uint8",
        _ when schema.Format == "date-time" => "v1.Time",
        _ when schema.Format == "micro-time" => "v1.MicroTime",
        _ => "string",
    };

    /// <summary><c>io.k8s.api.core.v1.Container</c> becomes <c>v1.Container</c>.</summary>
    private static string Short(string name)
    {
        var last = name.LastIndexOf('.');
        return last <= 0 ? "object" : name[(name.LastIndexOf('.', last - 1) + 1)..];
    }
}
