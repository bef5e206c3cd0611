using System.Text;

namespace Modular.ApiMachinery;

/// <summary>Fields that somebody applies with other values than their owner gave them.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="Fields">The fields.</param>
internal readonly record struct FieldConflict(ManagedFieldsEntry Owner, FieldSet Fields)
{
    /// <summary>The answer to whoever applied, in Kubernetes' words.</summary>
    public static ApiException Error(List<FieldConflict> conflicts)
    {
        conflicts.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        var causes = new List<StatusCause>();
        var message = new StringBuilder();
        foreach (var conflict in conflicts)
        {
            message.Append(message.Length > 0 ? "\n" : "").Append("conflicts with ").Append(conflict.Name).Append(':');
            foreach (var path in conflict.Fields.Paths())
            {
                message.Append("\n- ").Append(path);
                causes.Add(new StatusCause("FieldManagerConflict", $"conflict with {conflict.Name}", path));
            }
        }

        var text = causes.Count == 1
            ? $"Apply failed with 1 conflict: {causes[0].Message}: {causes[0].Field}"
            : $"Apply failed with {causes.Count} conflicts: {message}";
        return new ApiException(new ApiStatus(StatusReason.Conflict, text) { Causes = causes });
    }

    private string Name
    {
        get
        {
            var (writer, name) = (Owner.Writer, new StringBuilder());
            name.Append('"').Append(writer.Manager.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            if (writer.Subresource.Length > 0)
            {
                name.Append(" with subresource \"").Append(writer.Subresource).Append('"');
            }

            return (Owner.IsApplied ? name : name.Append(" using ").Append(writer.ApiVersion)).ToString();
        }
    }
}
