using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers.BuiltInObjects;

/// <summary>An object that each cluster has.</summary>
/// <param name="Resource">What it is.</param>
/// <param name="Content">The object; whoever sends it takes a copy.</param>
internal sealed record BuiltInObject(GroupVersionResource Resource, JsonObject Content)
{
    public string Name => Content.GetString("metadata.name")!;
}
