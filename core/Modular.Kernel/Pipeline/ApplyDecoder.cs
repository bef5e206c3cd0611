using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Reads the body of an apply: a configuration of the kind and name of the URL.</summary>
internal static class ApplyDecoder
{
    private static readonly GroupVersionKind OptionsKind = new("meta.k8s.io", "v1", "PatchOptions");

    /// <summary>The configuration of the stored kind, and warnings about it.</summary>
    /// <param name="target">What it is applied to.</param>
    /// <param name="body">What was sent.</param>
    /// <param name="options">Name the applier.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ApiException">BadRequest, or Invalid if nobody applies.</exception>
    public static async ValueTask<(JsonObject Configuration, IReadOnlyList<string> Warnings)> ReadAsync(
        RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        if (target.Version is not { } version || target.Subresource is { Type: SubresourceType.Scale })
        {
            return Read(target, body, options);
        }

        var (config, warnings) = Read(target with { Definition = version.Definition }, body, options);
        await version.ToStoredAsync(config, cancellationToken).ConfigureAwait(false);
        return (config, warnings);
    }

    private static (JsonObject Configuration, IReadOnlyList<string> Warnings) Read(RequestTarget target, RequestBody body, WriteOptions options)
    {
        if (options.FieldManager.Length == 0)
        {
            var errors = new FieldErrors();
            errors.Required("fieldManager", "is required for apply patch");
            throw new ApiException(errors.ToStatus(OptionsKind, ""));
        }

        var kind = target.Subresource is { Type: SubresourceType.Scale } scale ? scale.Kind : target.Definition.Kind;
        var config = body.Node as JsonObject ?? throw RequestErrors.Bad("error decoding YAML: a configuration is an object");
        var stated = GroupVersionKind.From(config["apiVersion"].AsString() ?? "", config["kind"].AsString() ?? "");
        if (stated != kind)
        {
            throw RequestErrors.Bad($"invalid object type: {ConfigurationRules.Qualified(stated)}, expected {ConfigurationRules.Qualified(kind)}");
        }

        if (ObjectDecoder.Metadata(config)["managedFields"] is not null)
        {
            throw RequestErrors.Bad("metadata.managedFields must be nil");
        }

        ObjectDecoder.Open(config, kind, target.Request.Namespace);
        ObjectDecoder.AgreeName(config, target.Name);
        if (target.Subresource is not { Type: SubresourceType.Scale })
        {
            ConfigurationRules.Demand(config, target.Definition.Schema, kind);
        }

        return (config, Warnings(body, options));
    }

    private static IReadOnlyList<string> Warnings(RequestBody body, WriteOptions options)
    {
        if (body.Duplicates.Count == 0 || options.FieldValidation == "Ignore")
        {
            return [];
        }

        const string Unmarshal = "error converting YAML to JSON: yaml: unmarshal errors:";
        return options.FieldValidation == "Strict"
            ? throw RequestErrors.Bad($"error strict decoding YAML: {Unmarshal}\n  {string.Join("\n  ", body.Duplicates)}")
            : [$"{Unmarshal} {string.Join(", ", body.Duplicates)}"];
    }
}
