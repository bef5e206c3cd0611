using System.Globalization;
using Microsoft.AspNetCore.Http;
using Modular.ApiMachinery;

namespace Modular.PluginProcess.Http;

/// <summary>Answers a request with a Status.</summary>
internal static class StatusAnswer
{
    /// <summary>Answers; the answer must not have begun.</summary>
    public static Task WriteAsync(HttpContext context, ApiStatus status)
    {
        context.Response.Clear();
        context.Response.StatusCode = status.Code;
        context.Response.ContentType = "application/json";
        if (status.RetryAfterSeconds > 0)
        {
            context.Response.Headers.RetryAfter = status.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return context.Response.WriteAsync(status.ToJson().ToJsonString(), context.RequestAborted);
    }
}
