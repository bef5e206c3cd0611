namespace Modular.Plugins.Dns.Tests;

/// <summary>Services to ask for.</summary>
internal static class Services
{
    /// <summary>A service with a virtual address and a named port.</summary>
    public static ServiceRecord Web { get; } = new()
    {
        Uid = "web-uid",
        Namespace = "shop",
        Name = "web",
        ClusterAddresses = ["10.96.0.80", "fd00::80"],
        Ports =
        [
            new() { Name = "http", Port = 80, Endpoints = [new EndpointRecord("10.244.0.5", 8080)] },
            new() { Name = "dns", Protocol = "UDP", Port = 53 },
        ],
    };

    /// <summary>Without an address of its own; one endpoint has a host name, one is not ready.</summary>
    public static ServiceRecord Database { get; } = new()
    {
        Uid = "db-uid",
        Namespace = "shop",
        Name = "db",
        Ports =
        [
            new()
            {
                Name = "sql",
                Port = 5432,
                Endpoints =
                [
                    new EndpointRecord("10.244.0.7", 15432) { Hostname = "db-0" },
                    new EndpointRecord("10.244.0.8", 15432),
                    new EndpointRecord("10.244.0.9", 15432) { Hostname = "db-2", Ready = false },
                ],
            },
        ],
    };

    public static ServiceRecord Alias(string target, string name = "elsewhere") =>
        new() { Uid = name + "-uid", Namespace = "shop", Name = name, ExternalName = target };

    /// <summary>A headless service with many endpoints.</summary>
    public static ServiceRecord Many(int endpoints) => new()
    {
        Uid = "many-uid",
        Namespace = "shop",
        Name = "many",
        Ports =
        [
            new()
            {
                Name = "http",
                Port = 80,
                Endpoints = [.. Enumerable.Range(0, endpoints).Select(i => new EndpointRecord($"10.244.{i / 250}.{1 + (i % 250)}", 8080))],
            },
        ],
    };
}
