namespace Modular.ApiMachinery;

/// <summary>Adds the fields on the way to a set's paths that a schema declares: who owns the last thing in such a field owns the field.</summary>
internal static class DeclaredFields
{
    public static FieldSet Include(FieldSet set, Schema? schema)
    {
        var builder = new FieldSetBuilder();
        foreach (var node in set.Nodes)
        {
            var isField = node.Element.Kind == PathElementKind.Field;
            var isDeclared = isField && !node.Below.IsEmpty && schema is { Type: SchemaType.Object } && schema.Properties.ContainsKey(node.Element.Text);
            var below = isField ? ValueShapes.Member(schema, node.Element.Text) : schema?.Items;
            builder.Add(node.Element, node.IsMember || isDeclared, Include(node.Below, below));
        }

        return builder.End(0);
    }
}
