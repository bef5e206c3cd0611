namespace Modular.Kernel;

/// <summary>Part of a list.</summary>
/// <param name="Items">The objects, in key order.</param>
/// <param name="Revision">The revision they are the state of.</param>
/// <param name="LastKey">The key to go on behind; empty if nothing follows.</param>
/// <param name="Remaining">How many follow, where known.</param>
internal sealed record CachePage(IReadOnlyList<ApiObject> Items, long Revision, string LastKey = "", long? Remaining = null);
