namespace Modular.ApiServer;

/// <summary>A parameter of a path or query.</summary>
internal sealed record OpenApiParameter(string Name, string Place, string Type, string Description);

/// <summary>The parameters the server reads, by verb.</summary>
internal static class OpenApiParameters
{
    public static readonly OpenApiParameter Namespace = new("namespace", "path", "string", "The object's namespace.");
    public static readonly OpenApiParameter Name = new("name", "path", "string", "The object's name.");
    public static readonly OpenApiParameter Pretty = Query("pretty", "string", "true for JSON with line breaks.");

    private static readonly OpenApiParameter DryRun = Query("dryRun", "string", "All: do everything but store the result.");

    private static readonly OpenApiParameter[] Write =
    [
        DryRun,
        Query("fieldManager", "string", "Who makes the change."),
        Query("fieldValidation", "string", "What to do about unknown and duplicate fields: Ignore, Warn or Strict."),
    ];

    private static readonly OpenApiParameter[] Select =
    [
        Query("allowWatchBookmarks", "boolean", "Whether a watch may send bookmarks."),
        Query("continue", "string", "Goes on behind an earlier page."),
        Query("fieldSelector", "string", "Selects by fields."),
        Query("labelSelector", "string", "Selects by labels."),
        Query("limit", "integer", "The most objects of a page."),
        Query("resourceVersion", "string", "The revision to read at or to watch from."),
        Query("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."),
        Query("sendInitialEvents", "boolean", "Whether a watch begins with the objects there are."),
        Query("timeoutSeconds", "integer", "How long a watch lasts."),
        Query("watch", "boolean", "Watch instead of list."),
    ];

    private static readonly OpenApiParameter[] Delete =
    [
        DryRun,
        Query("gracePeriodSeconds", "integer", "Seconds of grace; 0 for at once."),
        Query("orphanDependents", "boolean", "Replaced by propagationPolicy."),
        Query("propagationPolicy", "string", "What happens to dependents: Background, Foreground or Orphan."),
    ];

    private static readonly OpenApiParameter[] DeleteCollection = [.. Delete, .. Select[1..]];

    /// <summary>The query parameters of a verb.</summary>
    public static IReadOnlyList<OpenApiParameter> Of(string verb) => verb switch
    {
        "list" => Select,
        "create" or "update" => Write,
        "patch" => [.. Write, Query("force", "boolean", "Take fields over from other managers when applying.")],
        "delete" => Delete,
        "deletecollection" => DeleteCollection,
        _ => [],
    };

    private static OpenApiParameter Query(string name, string type, string description) => new(name, "query", type, description);
}
