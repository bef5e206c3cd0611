using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>pods/log: what a container wrote, read from its node.</summary>
internal sealed class PodLogConnect : ISubresourceConnect
{
    private static readonly GroupVersionKind Kind = new("", "v1", "PodLogOptions");
    private static readonly string[] Streams = ["All", "Stdout", "Stderr"];

    private PodLogConnect()
    {
    }

    public static PodLogConnect Instance { get; } = new();

    public NodeRequest Resolve(ConnectQuestion question)
    {
        var pod = question.Object.ToJsonObject();
        var parameters = new StreamQuery(question.Query);
        var errors = new FieldErrors();
        PassOn(parameters, errors);
        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(Kind, PodContainers.NameOf(pod)));
        }

        var container = PodContainers.Choose(pod, parameters.Text("container"), orFirst: false);
        return new NodeRequest(PodContainers.NodeOf(pod), PodContainers.PathOf("containerLogs", pod, container), parameters.ToString());
    }

    private static void PassOn(StreamQuery query, FieldErrors errors)
    {
        query.PassOnFlag("follow");
        query.PassOnFlag("previous");
        query.PassOnFlag("timestamps");
        PassOnNumber(query, "tailLines", smallest: 0, errors);
        PassOnNumber(query, "limitBytes", smallest: 1, errors);
        PassOnNumber(query, "sinceSeconds", smallest: 1, errors);
        PassOnSinceTime(query, errors);
        PassOnStream(query, errors);
    }

    private static void PassOnNumber(StreamQuery query, string name, long smallest, FieldErrors errors)
    {
        var number = query.Number(name);
        query.PassOn(name, number);
        if (number < smallest)
        {
            errors.Invalid(name, number, smallest == 0 ? "must be greater than or equal to 0" : "must be greater than 0");
        }
    }

    private static void PassOnSinceTime(StreamQuery query, FieldErrors errors)
    {
        if (query.Text("sinceTime") is not { Length: > 0 } text)
        {
            return;
        }

        if (!KubernetesTime.TryParse(text, out _))
        {
            throw new ApiException(StatusReason.BadRequest, $"sinceTime: \"{text}\" is no time of the form 2006-01-02T15:04:05Z");
        }

        query.PassOn("sinceTime", text);
        if (query.Text("sinceSeconds").Length > 0)
        {
            errors.Forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified");
        }
    }

    private static void PassOnStream(StreamQuery query, FieldErrors errors)
    {
        if (query.Text("stream") is not { Length: > 0 } stream)
        {
            return;
        }

        query.PassOn("stream", stream);
        if (!Streams.Contains(stream))
        {
            errors.NotSupported("stream", stream, Streams);
        }
        else if (stream != "All" && query.Text("tailLines").Length > 0)
        {
            errors.Forbidden("", "`tailLines` and specific `stream` are mutually exclusive for now");
        }
    }
}
