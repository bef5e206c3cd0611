namespace Modular.Kernel;

/// <summary>One version of an object in a cache. Immutable.</summary>
/// <param name="Key"><c>NAMESPACE/NAME</c> or <c>NAME</c>: the order of lists.</param>
/// <param name="Object">The object.</param>
/// <param name="Fields">The values of the kind's selectable fields, in the order of its definition.</param>
internal sealed record CachedObject(string Key, ApiObject Object, string[] Fields);
