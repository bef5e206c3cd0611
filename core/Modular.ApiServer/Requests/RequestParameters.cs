using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Modular.ApiServer;

/// <summary>The query parameters of the Kubernetes API, read in one pass. Names the server does not know are passed over, as Kubernetes does.</summary>
internal sealed class RequestParameters
{
    private static readonly RequestParameters None = new();

    private RequestParameters()
    {
    }

    public bool Watch { get; private set; }

    public int TimeoutSeconds { get; private set; }

    public bool Pretty { get; private set; }

    public string IncludeObject { get; private set; } = "";

    public string LabelSelector { get; private set; } = "";

    public string FieldSelector { get; private set; } = "";

    public string ResourceVersion { get; private set; } = "";

    public string ResourceVersionMatch { get; private set; } = "";

    public int Limit { get; private set; }

    public string Continue { get; private set; } = "";

    public bool AllowWatchBookmarks { get; private set; }

    public bool? SendInitialEvents { get; private set; }

    public string DryRun { get; private set; } = "";

    public string FieldManager { get; private set; } = "";

    public string FieldValidation { get; private set; } = "";

    public bool? Force { get; private set; }

    public long? GracePeriodSeconds { get; private set; }

    public string PropagationPolicy { get; private set; } = "";

    public bool? OrphanDependents { get; private set; }

    /// <summary>Reads a query string.</summary>
    /// <exception cref="ApiException">BadRequest, naming the parameter that is malformed.</exception>
    public static RequestParameters Read(QueryString query)
    {
        if (!query.HasValue)
        {
            return None;
        }

        var parameters = new RequestParameters();
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            parameters.Set(pair.DecodeName().Span, pair.DecodeValue());
        }

        return parameters;
    }

    /// <summary>What list and watch ask for.</summary>
    public ListOptions ToListOptions() => ReferenceEquals(this, None)
        ? NoListOptions
        : new ListOptions
        {
            LabelSelector = LabelSelector,
            FieldSelector = FieldSelector,
            ResourceVersion = ResourceVersion,
            ResourceVersionMatch = ResourceVersionMatch,
            Limit = Limit,
            Continue = Continue,
            AllowWatchBookmarks = AllowWatchBookmarks,
            SendInitialEvents = SendInitialEvents,
        };

    /// <summary>What create, update and patch ask for.</summary>
    /// <param name="kind">The kind that errors name, such as <c>CreateOptions</c>.</param>
    /// <param name="userAgent">Who manages the fields, if the client does not say.</param>
    /// <exception cref="ApiException">Invalid: a value outside its enumeration.</exception>
    public WriteOptions ToWriteOptions(string kind, string userAgent)
    {
        if (DryRun is not ("" or "All") || FieldValidation is not ("" or "Strict" or "Warn" or "Ignore") || !FieldOwnerName.IsValid(FieldManager))
        {
            Demand(Problems(), kind);
        }

        return new WriteOptions
        {
            DryRun = DryRun.Length > 0,
            FieldManager = FieldManager.Length > 0 ? FieldManager : FieldOwnerName.Of(userAgent),
            FieldValidation = FieldValidation.Length > 0 ? FieldValidation : "Warn",
        };
    }

    /// <summary>What a patch asks for. Who applies gives a name, and may force; others own what they change under any name.</summary>
    /// <exception cref="ApiException">Invalid: a value outside its enumeration, or one that is missing or does not belong here.</exception>
    public WriteOptions ToPatchOptions(bool isApply, string userAgent)
    {
        if (isApply ? FieldManager.Length > 0 : Force is null)
        {
            return ToWriteOptions("PatchOptions", userAgent) with { Force = Force ?? false };
        }

        var errors = new FieldErrors();
        if (isApply)
        {
            errors.Required("fieldManager", "is required for apply patch");
        }
        else
        {
            errors.Forbidden("force", "may not be specified for non-apply patch");
        }

        errors.AddRange(Problems().Causes);
        throw Invalid(errors, "PatchOptions");
    }

    private static readonly ListOptions NoListOptions = new();

    private FieldErrors Problems()
    {
        var errors = new FieldErrors();
        if (DryRun is not ("" or "All"))
        {
            errors.NotSupported("dryRun", DryRun, ["All"]);
        }

        if (FieldValidation is not ("" or "Strict" or "Warn" or "Ignore"))
        {
            errors.NotSupported("fieldValidation", FieldValidation, ["Ignore", "Strict", "Warn"]);
        }

        FieldOwnerName.Validate(FieldManager, errors);
        return errors;
    }

    private static void Demand(FieldErrors errors, string kind)
    {
        if (errors.Any)
        {
            throw Invalid(errors, kind);
        }
    }

    private static ApiException Invalid(FieldErrors errors, string kind) => new(errors.ToStatus(new GroupVersionKind("meta.k8s.io", "v1", kind), ""));

    private void Set(ReadOnlySpan<char> name, ReadOnlyMemory<char> value)
    {
        switch (name)
        {
            case "watch": Watch = Flag("watch", value.Span); break;
            case "timeoutSeconds": TimeoutSeconds = (int)Math.Min(Number("timeoutSeconds", value.Span), int.MaxValue); break;
            case "pretty": Pretty = Flag("pretty", value.Span); break;
            case "includeObject": IncludeObject = value.ToString(); break;
            case "labelSelector": LabelSelector = value.ToString(); break;
            case "fieldSelector": FieldSelector = value.ToString(); break;
            case "resourceVersion": ResourceVersion = value.ToString(); break;
            case "resourceVersionMatch": ResourceVersionMatch = value.ToString(); break;
            case "limit": Limit = (int)Math.Min(Number("limit", value.Span), int.MaxValue); break;
            case "continue": Continue = value.ToString(); break;
            case "allowWatchBookmarks": AllowWatchBookmarks = Flag("allowWatchBookmarks", value.Span); break;
            case "sendInitialEvents": SendInitialEvents = Flag("sendInitialEvents", value.Span); break;
            case "dryRun": DryRun = value.ToString(); break;
            case "fieldManager": FieldManager = value.ToString(); break;
            case "force": Force = Flag("force", value.Span); break;
            case "fieldValidation": FieldValidation = value.ToString(); break;
            case "gracePeriodSeconds": GracePeriodSeconds = Number("gracePeriodSeconds", value.Span); break;
            case "propagationPolicy": PropagationPolicy = value.ToString(); break;
            case "orphanDependents": OrphanDependents = Flag("orphanDependents", value.Span); break;
        }
    }

    // A parameter without a value means yes.
    private static bool Flag(string name, ReadOnlySpan<char> value) => value switch
    {
        "" or "1" or "t" or "T" or "true" or "True" or "TRUE" => true,
        "0" or "f" or "F" or "false" or "False" or "FALSE" => false,
        _ => throw Malformed(name, value, "must be true or false"),
    };

    private static long Number(string name, ReadOnlySpan<char> value) =>
        value.IsEmpty ? 0
        : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number
        : throw Malformed(name, value, "must be a whole number that is not negative");

    private static ApiException Malformed(string name, ReadOnlySpan<char> value, string rule) =>
        new(StatusReason.BadRequest, $"invalid value \"{value}\" for query parameter \"{name}\": {rule}");
}
