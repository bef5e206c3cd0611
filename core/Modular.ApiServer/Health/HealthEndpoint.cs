using System.Text;

namespace Modular.ApiServer;

/// <summary>Serves <c>/livez</c>, <c>/readyz</c> and <c>/healthz</c>, each check also alone as <c>/readyz/NAME</c>.</summary>
internal sealed class HealthEndpoint(IReadOnlyList<HealthCheck> checks)
{
    private static readonly HealthCheck Ping = new("ping", static _ => ValueTask.FromResult<string?>(null)) { Liveness = true };

    private readonly HealthCheck[] _checks = [Ping, .. checks];

    public static bool Serves(string path) =>
        IsEndpoint(path, "/livez") || IsEndpoint(path, "/readyz") || IsEndpoint(path, "/healthz");

    public Task HandleAsync(HttpContext context, string path)
    {
        var slash = path.IndexOf('/', 1);
        var endpoint = slash < 0 ? path[1..] : path[1..slash];
        return slash < 0 ? RunAllAsync(context, endpoint) : RunOneAsync(context, endpoint, path[(slash + 1)..]);
    }

    private static bool IsEndpoint(string path, string endpoint) =>
        path.StartsWith(endpoint, StringComparison.Ordinal) && (path.Length == endpoint.Length || path[endpoint.Length] == '/');

    private async Task RunAllAsync(HttpContext context, string endpoint)
    {
        var query = context.Request.Query;
        var excluded = query["exclude"];
        var report = new StringBuilder();
        var failed = false;
        foreach (var check in _checks)
        {
            if (endpoint == "livez" && !check.Liveness)
            {
                continue;
            }

            if (excluded.Contains(check.Name))
            {
                report.Append("[+]").Append(check.Name).Append(" excluded: ok\n");
                continue;
            }

            var problem = await RunAsync(check, context.RequestAborted).ConfigureAwait(false);
            failed |= problem is not null;
            report.Append(problem is null ? "[+]" : "[-]").Append(check.Name).Append(problem is null ? " ok\n" : $" failed: {problem}\n");
        }

        report.Append(endpoint).Append(failed ? " check failed\n" : " check passed\n");
        await WriteAsync(context, failed, failed || query.ContainsKey("verbose") ? report.ToString() : "ok").ConfigureAwait(false);
    }

    private async Task RunOneAsync(HttpContext context, string endpoint, string name)
    {
        var check = Array.Find(_checks, c => c.Name == name && (endpoint != "livez" || c.Liveness)) ?? throw Failures.NoSuchPath();
        var problem = await RunAsync(check, context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context, problem is not null, problem is null ? "ok" : $"{name} failed: {problem}\n").ConfigureAwait(false);
    }

    private static async ValueTask<string?> RunAsync(HealthCheck check, CancellationToken cancellationToken)
    {
        try
        {
            return await check.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return e.Message;
        }
    }

    private static Task WriteAsync(HttpContext context, bool failed, string text)
    {
        context.Response.StatusCode = failed ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
