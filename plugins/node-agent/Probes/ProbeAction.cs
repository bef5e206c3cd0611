using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Probes;

/// <summary>What one question to a container brought.</summary>
internal readonly record struct ProbeAnswer(bool Success, string Output)
{
    /// <summary>True if the question did not reach the container: that says nothing about it.</summary>
    public bool IsLost { get; init; }
}

/// <summary>Asks a container the question of a probe, once.</summary>
internal sealed class ProbeAction(RuntimeView runtime, TimeProvider time) : IDisposable
{
    private const int MaxOutput = 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        // A kept connection would say nothing about whether new ones are accepted.
        PooledConnectionLifetime = TimeSpan.Zero,
        // A probe asks whether the container answers, not who it is: its certificate is not verified, as Kubernetes has it.
#pragma warning disable CA5359
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => _http.Dispose();

    public async Task<ProbeAnswer> AskAsync(Probe probe, Container container, string containerId, string address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(probe.TimeoutSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (probe.Exec is { } exec)
            {
                return await ExecAsync(exec, containerId, either.Token).ConfigureAwait(false);
            }

            if (probe.HttpGet is { } http)
            {
                return await HttpAsync(http, container, address, either.Token).ConfigureAwait(false);
            }

            if (probe.Grpc is { } grpc)
            {
                return await GrpcProbe.AskAsync(grpc, address, either.Token).ConfigureAwait(false);
            }

            return probe.TcpSocket is { } tcp
                ? await TcpAsync(tcp, container, address, either.Token).ConfigureAwait(false)
                : new ProbeAnswer(true, "");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new ProbeAnswer(false, $"no answer within {probe.TimeoutSeconds}s");
        }
        catch (Exception exception) when (exception is ContractUnavailableException or RuntimeException { Reason: "RuntimeUnavailable" or "StreamLost" })
        {
            return new ProbeAnswer(false, exception.Message) { IsLost = true };
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or RuntimeException or IOException or FormatException)
        {
            return new ProbeAnswer(false, exception.Message);
        }
    }

    private async Task<ProbeAnswer> ExecAsync(ExecAction exec, string containerId, CancellationToken cancellationToken)
    {
        await using var command = await runtime.ExecAsync(
            new ExecRequest { ContainerId = containerId, Command = exec.Command }, cancellationToken).ConfigureAwait(false);
        var output = ReadAsync(command.Session.Output, cancellationToken);
        var error = command.Session.Error is { } reader ? ReadAsync(reader, cancellationToken) : Task.FromResult("");
        var code = await command.Session.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        var text = await output.ConfigureAwait(false) + await error.ConfigureAwait(false);
        return new ProbeAnswer(code == 0, text.Length > 0 ? text : $"command ended with exit code {code}");
    }

    private async Task<ProbeAnswer> HttpAsync(HttpGetAction http, Container container, string address, CancellationToken cancellationToken)
    {
        const int firstFailure = 400;
        var host = http.Host.Length > 0 ? http.Host : address;
        var path = http.Path.StartsWith('/') ? http.Path : "/" + http.Path;
        var uri = string.Create(CultureInfo.InvariantCulture, $"{http.Scheme.ToLowerInvariant()}://{host}:{Port(http.Port, container)}{path}");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
        request.Headers.ConnectionClose = true;
        foreach (var header in http.HttpHeaders)
        {
            request.Headers.Remove(header.Name);
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var code = (int)response.StatusCode;
        return new ProbeAnswer(code is >= 200 and < firstFailure, $"HTTP probe failed with statuscode: {code}");
    }

    private static async Task<ProbeAnswer> TcpAsync(TcpSocketAction tcp, Container container, string address, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(tcp.Host.Length > 0 ? tcp.Host : address, Port(tcp.Port, container), cancellationToken).ConfigureAwait(false);
        return new ProbeAnswer(true, "");
    }

    private static int Port(string port, Container container)
    {
        if (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        return container.Ports.FirstOrDefault(candidate => candidate.Name == port)?.Port
            ?? throw new FormatException($"the container has no port named '{port}'");
    }

    private static async Task<string> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (text.Length < MaxOutput)
            {
                text.Append(Encoding.UTF8.GetString(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MaxOutput - text.Length))));
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return text.ToString();
            }
        }
    }
}
