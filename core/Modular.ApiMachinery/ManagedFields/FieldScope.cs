namespace Modular.ApiMachinery;

/// <summary>Which fields of an object a writer can own: never those that identify it or belong to the server, and not those that its URL does not write.</summary>
public enum FieldScope
{
    /// <summary>Everything else.</summary>
    Whole,
    /// <summary>Everything else but status, which has a URL of its own.</summary>
    AllButStatus,
    /// <summary>Status, labels and annotations.</summary>
    Status,
}

/// <summary>Tells the fields of a scope.</summary>
internal static class FieldScopes
{
    public static bool Covers(this FieldScope scope, string field) => field switch
    {
        "apiVersion" or "kind" => false,
        "metadata" => true,
        "status" => scope != FieldScope.AllButStatus,
        _ => scope != FieldScope.Status,
    };

    public static bool CoversMetadata(this FieldScope scope, string field) => scope == FieldScope.Status
        ? field is "labels" or "annotations"
        : field is not ("name" or "namespace" or "uid" or "resourceVersion" or "creationTimestamp" or "generation" or "managedFields" or "selfLink");

    /// <summary>The paths of a set that the scope covers.</summary>
    public static FieldSet Filter(this FieldScope scope, FieldSet set)
    {
        var builder = new FieldSetBuilder();
        foreach (var node in set.Nodes)
        {
            if (node.Element.Kind != PathElementKind.Field || !scope.Covers(node.Element.Text))
            {
                continue;
            }

            if (node.Element.Text == "metadata")
            {
                builder.Add(node.Element, false, FilterMetadata(scope, node.Below));
            }
            else
            {
                builder.Add(node.Element, node.IsMember, node.Below);
            }
        }

        return builder.End(0);
    }

    private static FieldSet FilterMetadata(FieldScope scope, FieldSet set)
    {
        var builder = new FieldSetBuilder();
        foreach (var node in set.Nodes)
        {
            if (node.Element.Kind == PathElementKind.Field && scope.CoversMetadata(node.Element.Text))
            {
                builder.Add(node.Element, node.IsMember, node.Below);
            }
        }

        return builder.End(0);
    }
}
