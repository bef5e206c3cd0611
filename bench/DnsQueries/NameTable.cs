namespace DnsQueries;

/// <summary>The names that both servers know, and the questions that are asked: one in ten for a name that is not there.</summary>
internal static class NameTable
{
    public const int Services = 1000;

    private const int QuestionsForNobody = 10;

    public static string Name(int service) => $"service-{service}.bench.svc.cluster.local";

    public static string Address(int service) => $"10.96.{1 + (service / 250)}.{1 + (service % 250)}";

    public static ServiceDelta ForModular() => new()
    {
        Revision = 1,
        Services =
        [
            .. Enumerable.Range(0, Services).Select(i => new ServiceRecord
            {
                Uid = $"uid-{i}",
                Namespace = "bench",
                Name = $"service-{i}",
                ClusterAddresses = [Address(i)],
                Ports = [new ServicePortRecord { Name = "http", Port = 80 }],
            }),
        ],
    };

    public static IEnumerable<string> ForDnsmasq() => Enumerable.Range(0, Services).Select(i => $"{Address(i)} {Name(i)}");

    public static IEnumerable<string> Questions() =>
        Enumerable.Range(0, Services).Select(i => i % QuestionsForNobody == 0 ? $"nobody-{i}.bench.svc.cluster.local A" : $"{Name(i)} A");
}
