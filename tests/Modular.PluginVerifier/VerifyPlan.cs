using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;
using Modular.PluginProcess;

namespace Modular.PluginVerifier;

/// <summary>Which tests a plugin gets, and which of its contracts are left out and why.</summary>
internal sealed record VerifyPlan(IReadOnlyList<Type> Classes, IReadOnlyList<string> Skipped)
{
    private static readonly ContractTests[] All =
    [
        ContractTests.Of<IObjectStore>(typeof(ObjectStoreInProcess), typeof(ObjectStoreInItsOwnProcess)),
        ContractTests.Of<IScheduler>(typeof(SchedulerInProcess), typeof(SchedulerInItsOwnProcess)),
        ContractTests.Of<IPodNetwork>(typeof(PodNetworkInProcess), typeof(PodNetworkInItsOwnProcess)),
        ContractTests.Of<IServiceProxy>(typeof(ServiceProxyInProcess), typeof(ServiceProxyInItsOwnProcess)),
        ContractTests.Of<IDnsServer>(typeof(DnsServerInProcess), typeof(DnsServerInItsOwnProcess)),
        ContractTests.Of<IAuthenticator>(typeof(AuthenticatorInProcess), typeof(AuthenticatorInItsOwnProcess)),
        ContractTests.Of<IAdmission>(typeof(AdmissionInProcess), typeof(AdmissionInItsOwnProcess)),
        ContractTests.Of<IResourceSource>(typeof(ResourceSourceInProcess), typeof(ResourceSourceInItsOwnProcess)),
        ContractTests.Of<IHttpEndpoints>(typeof(HttpEndpointsInProcess), typeof(HttpEndpointsInItsOwnProcess)),
        ContractTests.Of<INodeEndpoint>(typeof(NodeEndpointInProcess), typeof(NodeEndpointInItsOwnProcess)),
    ];

    /// <summary>Whether the tests change the network of the machine they run on.</summary>
    public bool ChangesTheNetwork => Classes.Any(ChangesNetwork);

    /// <exception cref="PluginManifestException">The folder has no manifest, or a wrong one.</exception>
    /// <exception cref="PluginLoadException">No host could load it, or this one has not the contracts it names.</exception>
    public static VerifyPlan Make(VerifyRequest request)
    {
        var plugin = Read(request);
        if (PluginGraph.CheckContracts(plugin.Manifest.Id, plugin.Manifest) is { } problem)
        {
            throw new PluginLoadException(problem.Reason, problem.Message);
        }

        var classes = new List<Type>();
        var skipped = new List<string>();
        foreach (var contract in plugin.Manifest.Provides.Select(provided => provided.Contract))
        {
            if (Array.Find(All, tests => tests.Contract == contract) is not { } tests)
            {
                skipped.Add($"{contract}: there are no conformance tests for it; there are for {string.Join(", ", All.Select(known => known.Contract))}");
                continue;
            }

            foreach (var (place, type) in tests.Classes.Where(entry => request.Place is null || entry.Key == request.Place))
            {
                if (ReasonAgainst(plugin, place, request, type) is { } reason)
                {
                    skipped.Add($"{contract} {(place == PluginPlace.InProcess ? "in the host's process" : "in a process of its own")}: {reason}");
                }
                else
                {
                    classes.Add(type);
                }
            }
        }

        return new VerifyPlan(classes, skipped);
    }

    public static string Total(int passed, int failed, int skipped) => $"{passed} passed, {failed} failed, {skipped} skipped";

    /// <summary>Finds out once, and not with each test, that a plugin's code can't be had.</summary>
    /// <exception cref="PluginLoadException">It can't, and why.</exception>
    public static async Task CheckLoadsAsync(VerifyRequest request)
    {
        var plugin = Read(request);
        if (plugin.Manifest.Command.Count == 0)
        {
            await new McMasterPluginLoader().Load(plugin, PluginLimits.None).Create().DisposeAsync();
        }
    }

    private static InstalledPlugin Read(VerifyRequest request) =>
        new(request.Directory, PluginManifestReader.ReadFile(Path.Combine(request.Directory, PluginManifestReader.FileName)));

    private static bool ChangesNetwork(Type tests) => tests.IsSubclassOf(typeof(PodNetworkVerification));

    private static string? ReasonAgainst(InstalledPlugin plugin, PluginPlace place, VerifyRequest request, Type tests)
    {
        if (ChangesNetwork(tests) && !Environment.IsPrivilegedProcess)
        {
            return "it changes the machine's network; as root it is verified with one that is thrown away";
        }

        if (plugin.Manifest.Requires.FirstOrDefault(required => !required.Optional) is { } missing)
        {
            return $"it requires {missing.Contract}, which nobody provides here";
        }

        if (place == PluginPlace.InProcess)
        {
            return plugin.Manifest.Command.Count > 0 ? "it is a program" : null;
        }

        try
        {
            RunningPlugin.LoaderFor(place, request).Load(plugin, PluginLimits.None);
            return null;
        }
        catch (PluginLoadException e) when (e.Reason == "NotIsolatable")
        {
            return e.Message;
        }
    }
}
