using System.Diagnostics;
using System.Globalization;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;
using Modular.EndToEnd;

namespace ApiCosts;

/// <summary>
/// An etcd with its usual durability, on this machine and in this run: what it makes of plain puts tells how the machine compares with the one of the incumbents' figures.
/// </summary>
internal static class Etcd
{
    private const int Clients = 16;
    private const int Puts = 5000;
    private const int ValueBytes = 2048;

    /// <summary>Measures puts; null where there is no etcd.</summary>
    public static async Task<Measurement?> PutAsync()
    {
        var directory = Directory.CreateTempSubdirectory("bench-etcd-");
        using var client = new ReservedPort();
        using var peer = new ReservedPort();
        var url = $"http://127.0.0.1:{client.Number.ToString(CultureInfo.InvariantCulture)}";
        Process? etcd = null;
        try
        {
            etcd = Process.Start(new ProcessStartInfo("etcd")
            {
                ArgumentList =
                {
                    "--data-dir", directory.FullName, "--listen-client-urls", url, "--advertise-client-urls", url,
                    "--listen-peer-urls", $"http://127.0.0.1:{peer.Number.ToString(CultureInfo.InvariantCulture)}", "--log-level", "error",
                },
            })!;
            return await MeasureAsync(url, etcd);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            etcd?.Kill();
            etcd?.WaitForExit();
            directory.Delete(recursive: true);
        }
    }

    private static async Task<Measurement> MeasureAsync(string url, Process etcd)
    {
        var channels = Enumerable.Range(0, Clients).Select(_ => GrpcChannel.ForAddress(url)).ToList();
        await channels[0].ConnectAsync();
        var value = ByteString.CopyFrom(new byte[ValueBytes]);
        await PutAsync(channels, value, Puts / 10, []);
        var latencies = new List<double>(Puts);
        var (cpu, begun) = (Cpu(etcd), Stopwatch.GetTimestamp());
        await PutAsync(channels, value, Puts, latencies);
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        latencies.Sort();
        cpu = Cpu(etcd) - cpu;
        channels.ForEach(channel => channel.Dispose());
        return new Measurement(Puts / seconds, latencies[Puts / 2], latencies[Puts * 99 / 100], cpu / Puts, 0, etcd.WorkingSet64 / 1048576.0);
    }

    private static double Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalMilliseconds;
    }

    private static async Task PutAsync(List<GrpcChannel> channels, ByteString value, int count, List<double> latencies)
    {
        var next = 0;
        await Task.WhenAll(channels.Select(async channel =>
        {
            var store = new KV.KVClient(channel);
            for (int i; (i = Interlocked.Increment(ref next)) <= count;)
            {
                var begun = Stopwatch.GetTimestamp();
                await store.PutAsync(new PutRequest { Key = ByteString.CopyFromUtf8($"/registry/bench/object-{i:00000}"), Value = value });
                lock (latencies)
                {
                    latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                }
            }
        }));
    }
}
