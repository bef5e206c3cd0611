namespace Modular.Plugins.Controllers;

/// <summary>The selectors of the older kinds: a map whose every entry a label must equal.</summary>
internal static class LabelMap
{
    /// <summary>Whether labels carry all of a selector; an empty selector matches nothing.</summary>
    public static bool Selects(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in selector)
        {
            if (!labels.TryGetValue(key, out var has) || has != value)
            {
                return false;
            }
        }

        return selector.Count > 0;
    }
}
