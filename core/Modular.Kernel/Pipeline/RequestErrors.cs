namespace Modular.Kernel;

/// <summary>The refusals that clients know, in Kubernetes' words.</summary>
internal static class RequestErrors
{
    public static ApiException UnknownResource() =>
        new(StatusReason.NotFound, "the server could not find the requested resource");

    public static ApiException WrongVerb() =>
        new(StatusReason.MethodNotAllowed, "the server does not allow this method on the requested resource");

    public static ApiException Stopping() =>
        new(new ApiStatus(StatusReason.ServiceUnavailable, "the API server is going down, so nothing is written") { RetryAfterSeconds = 1 });

    public static ApiException NotFound(GroupVersionResource resource, string name) =>
        About(StatusReason.NotFound, $"{resource.Qualified} \"{name}\" not found", resource, name);

    public static ApiException AlreadyExists(GroupVersionResource resource, string name) =>
        About(StatusReason.AlreadyExists, $"{resource.Qualified} \"{name}\" already exists", resource, name);

    public static ApiException GeneratedNameTaken(GroupVersionResource resource, string name) =>
        About(StatusReason.AlreadyExists, $"{resource.Qualified} \"{name}\" already exists, the server was not able to generate a unique name for the object", resource, name);

    public static ApiException Modified(GroupVersionResource resource, string name) => Conflict(
        resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException WrongUid(GroupVersionResource resource, string name, string wanted, string actual) => Conflict(
        resource, name, $"Precondition failed: UID in precondition: {wanted}, UID in object meta: {actual}");

    public static ApiException NothingToApplyTo(GroupVersionResource resource, string name, string uid) => Conflict(
        resource, name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");

    public static ApiException WrongRevision(GroupVersionResource resource, string name, string wanted, long actual) => Conflict(
        resource, name, $"Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {actual}");

    public static ApiException Bad(string message) => new(StatusReason.BadRequest, message);

    public static ApiException NamespaceStays(GroupVersionResource resource, string name) => About(
        StatusReason.Forbidden, $"{resource.Qualified} \"{name}\" is forbidden: this namespace may not be deleted", resource, name);

    public static ApiException NamespaceTerminating(GroupVersionResource resource, string name, string ns) => new(new ApiStatus(
        StatusReason.Forbidden,
        $"{resource.Qualified} \"{name}\" is forbidden: unable to create new content in namespace {ns} because it is being terminated")
    {
        Kind = resource.Resource,
        Group = resource.Group,
        Name = name,
        Causes = [new StatusCause("NamespaceTerminating", $"namespace {ns} is being terminated", "metadata.namespace")],
    });

    private static ApiException Conflict(GroupVersionResource resource, string name, string why) => About(
        StatusReason.Conflict, $"Operation cannot be fulfilled on {resource.Qualified} \"{name}\": {why}", resource, name);

    private static ApiException About(StatusReason reason, string message, GroupVersionResource resource, string name) =>
        new(new ApiStatus(reason, message) { Kind = resource.Resource, Group = resource.Group, Name = name });
}
