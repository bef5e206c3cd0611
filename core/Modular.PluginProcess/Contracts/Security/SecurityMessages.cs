using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>The records of the contracts about security as messages, and back.</summary>
internal static class SecurityMessages
{
    private static readonly JsonWriterOptions Compact = new() { MaxDepth = JsonDecoder.DeepestNesting };

    public static Protocol.AuthenticationRequest ToMessage(AuthenticationRequest request) => new()
    {
        BearerToken = request.BearerToken,
        ClientCertificate = request.ClientCertificate is { } certificate ? ByteString.CopyFrom(certificate.RawDataMemory.Span) : ByteString.Empty,
    };

    public static Protocol.AuthenticationResult ToMessage(AuthenticationResult result) =>
        new() { User = result.User is { } user ? ToMessage(user) : null, Error = result.Error };

    public static AuthenticationResult FromMessage(Protocol.AuthenticationResult message) =>
        new() { User = message.User is { } user ? FromMessage(user) : null, Error = message.Error };

    public static Protocol.AuthorizationRequest ToMessage(AuthorizationRequest request) => new()
    {
        User = ToMessage(request.User),
        Verb = request.Verb,
        Group = request.Group,
        Version = request.Version,
        Resource = request.Resource,
        Subresource = request.Subresource,
        Namespace = request.Namespace,
        Name = request.Name,
        Path = request.Path,
    };

    public static AuthorizationRequest FromMessage(Protocol.AuthorizationRequest message) => new()
    {
        User = FromMessage(message.User),
        Verb = message.Verb,
        Group = message.Group,
        Version = message.Version,
        Resource = message.Resource,
        Subresource = message.Subresource,
        Namespace = message.Namespace,
        Name = message.Name,
        Path = message.Path,
    };

    public static Protocol.AuthorizationResult ToMessage(AuthorizationResult result) =>
        new() { Decision = (Protocol.AuthorizationDecision)result.Decision, Reason = result.Reason ?? "" };

    public static AuthorizationResult FromMessage(Protocol.AuthorizationResult message) => new((AuthorizationDecision)message.Decision, message.Reason);

    public static Protocol.AdmissionRequest ToMessage(AdmissionRequest request) => new()
    {
        Resource = ToMessage(request.Resource),
        Kind = new() { Group = request.Kind.Group, Version = request.Kind.Version, Kind = request.Kind.Kind },
        Subresource = request.Subresource,
        Operation = (Protocol.AdmissionOperation)request.Operation,
        Namespace = request.Namespace,
        Name = request.Name,
        User = ToMessage(request.User),
        Object = ToMessage(request.Object),
        OldObject = ToMessage(request.OldObject),
        DryRun = request.DryRun,
    };

    /// <exception cref="ApiException">An object is no JSON object.</exception>
    public static AdmissionRequest FromMessage(Protocol.AdmissionRequest message) => new()
    {
        Resource = FromMessage(message.Resource),
        Kind = new GroupVersionKind(message.Kind.Group, message.Kind.Version, message.Kind.Kind),
        Subresource = message.Subresource,
        Operation = (AdmissionOperation)message.Operation,
        Namespace = message.Namespace,
        Name = message.Name,
        User = FromMessage(message.User),
        Object = FromMessage(message.Object),
        OldObject = FromMessage(message.OldObject),
        DryRun = message.DryRun,
    };

    public static Protocol.HandlesRequest ToQuestion(AdmissionRequest request) => new()
    {
        Resource = ToMessage(request.Resource),
        Subresource = request.Subresource,
        Operation = (Protocol.AdmissionOperation)request.Operation,
    };

    public static GroupVersionResource FromMessage(Protocol.GroupVersionResource message) => new(message.Group, message.Version, message.Resource);

    public static ByteString ToMessage(ApiStatus refusal) => ToMessage(refusal.ToJson());

    /// <returns>JSON; empty if there is no object.</returns>
    public static ByteString ToMessage(JsonObject? obj)
    {
        if (obj is null)
        {
            return ByteString.Empty;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Compact))
        {
            obj.WriteTo(writer);
        }

        return UnsafeByteOperations.UnsafeWrap(stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }

    /// <returns>Null if there is no object.</returns>
    /// <exception cref="ApiException">It is no JSON object.</exception>
    public static JsonObject? FromMessage(ByteString json) => json.IsEmpty ? null : JsonDecoder.DecodeObject(json.Span, out _);

    public static Protocol.GroupVersionResource ToMessage(GroupVersionResource resource) =>
        new() { Group = resource.Group, Version = resource.Version, Resource = resource.Resource };

    public static Protocol.UserInfo ToMessage(UserInfo user)
    {
        var message = new Protocol.UserInfo { Name = user.Name, Uid = user.Uid };
        message.Groups.AddRange(user.Groups);
        foreach (var (name, values) in user.Extra)
        {
            message.Extra.Add(name, new Protocol.ExtraValues { Values = { values } });
        }

        return message;
    }

    public static UserInfo FromMessage(Protocol.UserInfo message)
    {
        var user = new UserInfo(message.Name) { Groups = [.. message.Groups], Uid = message.Uid };
        return message.Extra.Count == 0
            ? user
            : user with { Extra = message.Extra.ToDictionary(static extra => extra.Key, static IReadOnlyList<string> (extra) => [.. extra.Value.Values]) };
    }
}
