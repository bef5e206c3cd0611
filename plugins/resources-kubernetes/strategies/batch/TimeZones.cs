using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The time zones of the IANA's database that this machine knows.</summary>
internal static class TimeZones
{
    public static bool Exists(string name) =>
        name.Length > 0 && !name.Equals("Local", StringComparison.OrdinalIgnoreCase) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);
}
