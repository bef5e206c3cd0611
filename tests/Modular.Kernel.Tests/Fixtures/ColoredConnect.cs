namespace Modular.Kernel.Tests;

/// <summary>Sends whoever connects to the address that the token beside a widget holds, or to a node.</summary>
internal sealed class ColoredConnect : ISubresourceConnect
{
    public NodeRequest Resolve(ConnectQuestion question) => question.Beside is { } token
        ? new NodeRequest("", "", "") { Address = $"{question.Scheme}://{token.ToJsonObject().GetString("holder")}:{question.Port}" }
        : new NodeRequest(question.Object.Metadata.Name, "", "");
}
