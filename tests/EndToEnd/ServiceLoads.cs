using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Modular.EndToEnd;

/// <summary>
/// Everybody who uses the services of a scene, none of whom ever asks twice: on new connections and on one that is kept, through HTTP and
/// passed through, names, a download and two WebSockets.
/// </summary>
internal sealed class ServiceLoads : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly StayingServer _staying;
    private readonly Task<string?> _download;
    private readonly CancellationToken _token;
    private (string Name, Load Load)[] _loads = [];
    private ClientWebSocket[] _sockets = [];

    private ServiceLoads(ServiceScene scene, StayingServer staying, CancellationToken token)
    {
        _staying = staying;
        _token = token;
        _download = CountAsync(new Uri($"http://{scene.StayWeb}/"));
    }

    public static async Task<ServiceLoads> StartAsync(ServiceScene scene, StayingServer staying, CancellationToken token)
    {
        var loads = new ServiceLoads(scene, staying, token);
        loads._loads =
        [
            ("HTTP, new connections", Load.OnNewConnections(scene.RollWeb)),
            ("TCP, new connections", Load.OnNewConnections(scene.RollRaw)),
            ("HTTP, one connection", await Load.OnOneConnectionAsync(scene.RollWeb, token)),
            ("names", OfNames(scene)),
        ];
        loads._sockets = [await ConnectAsync(scene.StayWeb, token), await ConnectAsync(scene.StayRaw, token)];
        await loads.MoreAsync();
        return loads;
    }

    /// <summary>Asks for the address of the service that leads to pods.</summary>
    public static Load OfNames(ServiceScene scene)
    {
        var address = scene.RollWeb.Address.GetAddressBytes();
        return Load.OfNames(scene.NameServer, Question("roll.default.svc.cluster.local"), (answer, length) => answer.AsSpan(0, length).EndsWith(address));
    }

    /// <summary>Waits until each has had more answers.</summary>
    public async Task MoreAsync()
    {
        foreach (var (_, load) in _loads)
        {
            await load.WaitForMoreAsync(50, _token);
        }
    }

    /// <summary>What each had, for people.</summary>
    public IEnumerable<string> Report() =>
        _loads.Select(entry => $"{entry.Name}: {entry.Load.Answers} answers, the longest took {entry.Load.Longest.TotalMilliseconds:0} ms");

    /// <summary>Ends them all and says what failed or was cut.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        var wrong = new List<string>();
        foreach (var (name, load) in _loads)
        {
            wrong.AddRange((await load.StopAsync()).Select(failure => $"{name}: {failure}"));
        }

        foreach (var socket in _sockets)
        {
            try
            {
                await EchoAsync(socket);
            }
            catch (WebSocketException e)
            {
                wrong.Add($"WebSocket: {e.Message}");
            }
        }

        _staying.EndStreams();
        if (await _download is { } cut)
        {
            wrong.Add($"download: {cut}");
        }

        return wrong;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, load) in _loads)
        {
            await load.DisposeAsync();
        }

        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        _http.Dispose();
    }

    // Every number once and in its order, to the end; null if so.
    private async Task<string?> CountAsync(Uri uri)
    {
        var next = 0;
        try
        {
            using var reader = new StreamReader(await _http.GetStreamAsync(uri, _token));
            while (await reader.ReadLineAsync(_token) is { } line)
            {
                if (line != $"{next}")
                {
                    return $"'{line}' came in the place of {next}";
                }

                next++;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return $"after {next} lines: {e.Message}";
        }

        return next > 0 ? null : "nothing came";
    }

    private static async Task<ClientWebSocket> ConnectAsync(IPEndPoint server, CancellationToken token)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{server}/"), token);
        return socket;
    }

    private async Task EchoAsync(ClientWebSocket socket)
    {
        await socket.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, _token);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, _token);
        if (!buffer.AsSpan(0, received.Count).SequenceEqual("still here"u8))
        {
            throw new WebSocketException("the echo is another one");
        }
    }

    private static byte[] Question(string name)
    {
        using var message = new MemoryStream();
        message.Write([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        foreach (var label in name.Split('.'))
        {
            message.WriteByte((byte)label.Length);
            message.Write(Encoding.ASCII.GetBytes(label));
        }

        message.Write([0, 0, 1, 0, 1]);
        return message.ToArray();
    }
}
