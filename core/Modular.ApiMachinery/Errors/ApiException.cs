namespace Modular.ApiMachinery;

/// <summary>A request to the API that failed, with the status a client would have got.</summary>
public sealed class ApiException : Exception
{
    /// <summary>Wraps a status.</summary>
    public ApiException(ApiStatus status)
        : base(status.Message) => Status = status;

    /// <summary>Wraps a status and what caused it.</summary>
    public ApiException(ApiStatus status, Exception inner)
        : base(status.Message, inner) => Status = status;

    /// <summary>Builds the status from its two main parts.</summary>
    public ApiException(StatusReason reason, string message)
        : this(new ApiStatus(reason, message))
    {
    }

    /// <summary>Why the request failed.</summary>
    public ApiStatus Status { get; }

    /// <summary>The status's reason.</summary>
    public StatusReason Reason => Status.Reason;
}
