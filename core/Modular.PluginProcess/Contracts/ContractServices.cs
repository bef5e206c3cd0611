using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modular.PluginProcess.Contracts;

/// <summary>What serves contracts, in the child and in the host.</summary>
internal static class ContractServices
{
    public static void AddContractServices(this IServiceCollection services, ILogger log)
    {
        services.AddGrpc(options =>
        {
            options.EnableDetailedErrors = true;
            options.Interceptors.Add<FailureLog>(log);
            // A cluster's whole state has no bound.
            options.MaxReceiveMessageSize = null;
            options.MaxSendMessageSize = null;
        });
        services.AddSingleton<SeenCertificates>();
        services.AddSingleton<SourceKinds>();
        services.AddSingleton<OpenReservations>();
    }
}
