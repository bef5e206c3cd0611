namespace Modular.ApiMachinery;

/// <summary>One condition of a field selector.</summary>
/// <param name="Field">The field's name, such as <c>spec.nodeName</c>.</param>
/// <param name="Value">What it is compared with.</param>
/// <param name="Negated">True for <c>!=</c>.</param>
public sealed record FieldRequirement(string Field, string Value, bool Negated)
{
    /// <inheritdoc />
    public override string ToString() => $"{Field}{(Negated ? "!=" : "=")}{FieldSelector.Escape(Value)}";
}
