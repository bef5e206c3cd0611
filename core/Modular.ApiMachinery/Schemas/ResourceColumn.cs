namespace Modular.ApiMachinery;

/// <summary>A column of the table that lists print.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="Format">A refinement such as <c>name</c>; usually empty.</param>
/// <param name="Description">What the column shows.</param>
/// <param name="Priority">0 is always shown, more than 0 only in wide output.</param>
public sealed record ResourceColumn(string Name, string Type, string Format, string Description, int Priority = 0);
