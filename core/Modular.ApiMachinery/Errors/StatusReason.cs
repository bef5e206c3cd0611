namespace Modular.ApiMachinery;

/// <summary>The machine-readable reasons of a failed request, and the HTTP code each has.</summary>
public enum StatusReason
{
    /// <summary>400: the request itself is malformed.</summary>
    BadRequest,
    /// <summary>401: nobody vouches for the caller.</summary>
    Unauthorized,
    /// <summary>403: the caller may not, or admission refused.</summary>
    Forbidden,
    /// <summary>404.</summary>
    NotFound,
    /// <summary>405: the resource has no such verb.</summary>
    MethodNotAllowed,
    /// <summary>406: none of the accepted representations exists.</summary>
    NotAcceptable,
    /// <summary>409 on create.</summary>
    AlreadyExists,
    /// <summary>409: the object changed meanwhile, or a precondition failed.</summary>
    Conflict,
    /// <summary>410: the revision or continue token is too old.</summary>
    Expired,
    /// <summary>410: the object will not come back.</summary>
    Gone,
    /// <summary>413.</summary>
    RequestEntityTooLarge,
    /// <summary>415: the body's type is not understood.</summary>
    UnsupportedMediaType,
    /// <summary>422: a field is wrong; the causes say which.</summary>
    Invalid,
    /// <summary>429: try again after RetryAfterSeconds.</summary>
    TooManyRequests,
    /// <summary>500.</summary>
    InternalError,
    /// <summary>503: a part that the request needs is not there.</summary>
    ServiceUnavailable,
    /// <summary>504: the answer did not come in time, whether it was carried out is unknown.</summary>
    Timeout,
    /// <summary>507: the store takes no more writes.</summary>
    InsufficientStorage,
}
