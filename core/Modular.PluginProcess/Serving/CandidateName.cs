using System.Globalization;
using Modular.Abstractions;

namespace Modular.PluginProcess;

/// <summary>Which plugin is tried, as calls name it: <c>NAME/EPOCH</c>.</summary>
internal sealed record CandidateName(string Name, long Epoch)
{
    public static CandidateName Of(PluginIdentity plugin) => new(plugin.Name, plugin.Epoch);

    /// <returns>Null if the text names none.</returns>
    public static CandidateName? Parse(string? text) =>
        text?.Split('/') is [var name, var epoch] && long.TryParse(epoch, CultureInfo.InvariantCulture, out var number) ? new(name, number) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}/{Epoch}");
}
