using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Modular.ApiServer.Tests;

/// <summary>The true kernel behind TLS, with a kubeconfig for kubectl, whose client certificate it demands.</summary>
internal sealed class KernelServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("modular-kubectl");
    private readonly ApiKernel _kernel;
    private readonly Func<IPEndPoint, ApiHttpServer> _compose;
    private ApiHttpServer _server;

    private readonly TestLog _log;

    private KernelServer(ApiKernel kernel, Func<IPEndPoint, ApiHttpServer> compose, ApiHttpServer server, TestLog log, X509Certificate2 certificate)
    {
        (_kernel, _compose, _server, _log, Address) = (kernel, compose, server, log, server.Addresses[0]);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.ClientCertificates = [certificate];
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => certificate.Equals(presented);
        Client = new HttpClient(handler) { BaseAddress = Address };
    }

    /// <summary>Warnings and errors.</summary>
    public IReadOnlyList<string> Log => _log.Lines;

    /// <summary>A client with the certificate.</summary>
    public HttpClient Client { get; }

    public Uri Address { get; }

    /// <summary>The API without the server.</summary>
    public IApiClient Inside => _kernel.CreateClient(new UserInfo("tester") { Groups = ["system:masters"] });

    public static async Task<KernelServer> StartAsync(params ResourceDefinition[] kinds)
    {
        var log = new TestLog();
        var kernel = new ApiKernel(
            new KernelContracts
            {
                Store = new FixedContractHandle<IObjectStore>(new MemoryStore()),
                Resources = new FixedContractHandle<IResourceSource>(new Source(kinds)),
            },
            new KernelSettings(),
            log);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = SelfSigned(key, "CN=tester");
        var loaded = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        ApiHttpServer Compose(IPEndPoint listen) => new(
            new ApiServerOptions { Listen = [listen], ServerCertificate = loaded, Version = ServerVersion.Of("0.1.0") },
            new ApiServerParts
            {
                Pipeline = kernel.Pipeline,
                Resources = kernel.Registry,
                Authenticate = static (request, _) => ValueTask.FromResult(request.ClientCertificate is null
                    ? AuthenticationResult.Unknown
                    : new AuthenticationResult { User = new UserInfo("tester") { Groups = ["system:masters"] } }),
                Log = log,
            });
        await kernel.StartAsync(TestServer.Cancel);
        var server = Compose(new IPEndPoint(IPAddress.Loopback, 0));
        await server.StartAsync(TestServer.Cancel);
        var result = new KernelServer(kernel, Compose, server, log, loaded);
        await result.WriteKubeconfigAsync(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        return result;
    }

    /// <summary>Ends the server; the kernel lives on.</summary>
    public async Task StopListeningAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
    }

    /// <summary>Another server where the last one was.</summary>
    public Task ListenAgainAsync()
    {
        _server = _compose(new IPEndPoint(IPAddress.Loopback, Address.Port));
        return _server.StartAsync(TestServer.Cancel);
    }

    /// <summary>Runs kubectl; answers its exit code and everything it printed.</summary>
    public async Task<(int Code, string Text)> KubectlAsync(string arguments, string input = "")
    {
        var start = new ProcessStartInfo("kubectl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = Path.Combine(_directory.FullName, "config");
        start.Environment["HOME"] = _directory.FullName;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestServer.Cancel);
        var errors = process.StandardError.ReadToEndAsync(TestServer.Cancel);
        var text = await output + await errors;
        await process.WaitForExitAsync(TestServer.Cancel);
        return (process.ExitCode, text);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        await _kernel.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static X509Certificate2 SelfSigned(ECDsa key, string subject)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private Task WriteKubeconfigAsync(string certificate, string key)
    {
        var certificateData = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(certificate));
        var keyData = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(key));
        return File.WriteAllTextAsync(Path.Combine(_directory.FullName, "config"), $$$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "{{{Address.ToString().TrimEnd('/')}}}", certificate-authority-data: {{{certificateData}}} }}]
            users: [{name: test, user: {client-certificate-data: {{{certificateData}}}, client-key-data: {{{keyData}}} }}]
            contexts: [{name: test, context: {cluster: test, user: test}}]
            """);
    }

    private sealed class Source(IReadOnlyList<ResourceDefinition> kinds) : IResourceSource
    {
        public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) => ValueTask.FromResult(kinds);
    }
}
