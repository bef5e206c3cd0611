using Microsoft.Extensions.Logging;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>What a plugin host needs to know and have.</summary>
public sealed record PluginHostOptions
{
    public required PluginCatalog Catalog { get; init; }

    /// <summary>Brings plugins into this process.</summary>
    public required IPluginLoader Loader { get; init; }

    /// <summary>Gives plugins a process of their own.</summary>
    public required IPluginLoader ProcessLoader { get; init; }

    public required ILoggerFactory Log { get; init; }

    public required HostInformation Host { get; init; }

    /// <summary>Every plugin gets a folder below it that survives restarts and upgrades.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Every plugin gets a folder below it for sockets; short.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Who provides what; made before the kernel, which takes its handles there.</summary>
    public required ContractRegistry Contracts { get; init; }

    /// <summary>Gets the rights of each plugin's user.</summary>
    public required ManifestAuthorizer Permissions { get; init; }

    /// <summary>Makes the API client of a user. Called once per instance; may throw until the API serves.</summary>
    public required Func<UserInfo, IApiClient> ApiClientOf { get; init; }

    /// <summary>Completes when the API serves.</summary>
    public required Task ApiServes { get; init; }

    /// <summary>Lends listening sockets; outlives the plugins.</summary>
    public required IListeners Listeners { get; init; }

    /// <summary>Ends the process for a plugin that can never work again.</summary>
    public required Action<PluginIdentity, string> Fatal { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many lines a plugin may log in a second; the rest is dropped and counted.</summary>
    public int MostLogLines { get; init; } = 500;

    /// <summary>How long provisioning and starting may take, each.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long stopping may take.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long calls in a replaced plugin may go on.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
