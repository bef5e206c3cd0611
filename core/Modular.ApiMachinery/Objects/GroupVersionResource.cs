namespace Modular.ApiMachinery;

/// <summary>Names a resource (the plural of URLs and rules, such as <c>pods</c>) in one version of one API group.</summary>
public sealed record GroupVersionResource(string Group, string Version, string Resource)
{
    /// <summary>Group and version as they stand in <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The resource as error messages name it: <c>pods</c> or <c>deployments.apps</c>.</summary>
    public string Qualified => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

    /// <inheritdoc />
    public override string ToString() => $"{ApiVersion}/{Resource}";
}
