namespace Modular.ApiServer;

/// <summary>The failures that the server finds before the pipeline is asked.</summary>
internal static class Failures
{
    public static ApiException NoSuchPath() => new(StatusReason.NotFound, "the server could not find the requested resource");

    public static ApiException NoSuchMethod() =>
        new(StatusReason.MethodNotAllowed, "the server does not allow this method on the requested resource");
}
