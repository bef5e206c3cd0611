namespace Modular.ApiMachinery;

/// <summary>Names a kind in one version of one API group. The core group is the empty string.</summary>
public sealed record GroupVersionKind(string Group, string Version, string Kind)
{
    /// <summary>The <c>apiVersion</c> of objects of this kind: <c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Splits an <c>apiVersion</c> at its slash; one without a slash belongs to the core group.</summary>
    public static GroupVersionKind From(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/');
        return slash < 0 ? new("", apiVersion, kind) : new(apiVersion[..slash], apiVersion[(slash + 1)..], kind);
    }

    /// <inheritdoc />
    public override string ToString() => $"{ApiVersion}, Kind={Kind}";
}
