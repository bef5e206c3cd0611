namespace Modular.Kernel;

/// <summary>Allows verbs on paths that are not resources; a path that ends in <c>*</c> stands for all that begin so.</summary>
internal sealed record PathRule(IReadOnlyList<string> Verbs, IReadOnlyList<string> Paths);
