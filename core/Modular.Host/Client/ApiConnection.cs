using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.Host.Client;

/// <summary>The API of a running cluster over HTTPS: what every command but <c>up</c> works through.</summary>
internal sealed class ApiConnection : IDisposable
{
    private readonly Kubeconfig _config;
    private readonly X509Certificate2Collection _authorities = [];
    private readonly X509Certificate2? _identity;
    private readonly HttpClient _http;

    public ApiConnection(Kubeconfig config)
    {
        _config = config;
        if (config.CertificateAuthority.Length > 0)
        {
            _authorities.ImportFromPem(config.CertificateAuthority);
        }

        _identity = config.ClientCertificate.Length > 0
            ? X509Certificate2.CreateFromPem(config.ClientCertificate, config.ClientKey)
            : null;
        var handler = new SocketsHttpHandler { SslOptions = TlsOptions(), AutomaticDecompression = System.Net.DecompressionMethods.None };
        _http = new HttpClient(handler)
        {
            BaseAddress = config.Server,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("modular", ProductVersion.Text));
        if (config.Token.Length > 0)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", config.Token);
        }
    }

    public Uri Server => _config.Server;

    public string DefaultNamespace => _config.Namespace;

    public Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, "", cancellationToken);

    /// <summary>Sends a request and reads the answer as JSON.</summary>
    /// <exception cref="ApiFailure">The server answered a failure.</exception>
    public async Task<JsonObject> SendAsync(
        HttpMethod method, string path, JsonNode? body, string contentType, CancellationToken cancellationToken, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(ApiMachinery.ObjectEncoding.EncodeValue(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType.Length == 0 ? "application/json" : contentType);
        }

        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.Headers.TryGetValues("Warning", out var warnings))
        {
            foreach (var warning in warnings)
            {
                await Console.Error.WriteLineAsync($"Warning: {warning[(warning.IndexOf('"') + 1)..].TrimEnd('"')}");
            }
        }

        return (await JsonNode.ParseAsync(stream, cancellationToken: cancellationToken))!.AsObject();
    }

    /// <summary>Opens a stream of bytes, such as a log.</summary>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    /// <summary>Reads the events of a watch, one JSON object each, until the server ends it.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(
        string path, string accept, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return JsonNode.Parse(line)!.AsObject();
            }
        }
    }

    /// <summary>Opens a WebSocket, such as an exec.</summary>
    /// <exception cref="ApiFailure">The server answered a failure.</exception>
    public async Task<ClientWebSocket> OpenWebSocketAsync(string path, string[] protocols, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        foreach (var protocol in protocols)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        socket.Options.CollectHttpResponseDetails = true;
        var tls = TlsOptions();
        tls.ApplicationProtocols = [SslApplicationProtocol.Http11];
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { SslOptions = tls }, disposeHandler: false);
        var address = new UriBuilder(new Uri(_config.Server, path)) { Scheme = "wss" }.Uri;
        try
        {
            await socket.ConnectAsync(address, invoker, cancellationToken);
            return socket;
        }
        catch (WebSocketException e)
        {
            socket.Dispose();
            // A refused upgrade loses the server's reason; the same question without one is answered with it.
            await GetAsync(path, cancellationToken);
            throw new CommandException($"the server refused the stream: {e.Message}");
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _identity?.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ConnectionFailure(Server, e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ApiFailure.FromAsync(response, cancellationToken);
        }
    }

    private SslClientAuthenticationOptions TlsOptions()
    {
        var options = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Validate };
        if (_identity is not null)
        {
            options.ClientCertificates = [_identity];
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => _identity;
        }

        return options;
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return own.Build(X509CertificateLoader.LoadCertificate(certificate.Export(X509ContentType.Cert)));
    }
}
