using System.IO.Compression;
using System.Text.Json;

namespace Modular.Plugins.ResourcesKubernetes.Schemas;

/// <summary>The descriptions of the table's types, which the build took from a package's documentation and the assembly carries compressed.</summary>
internal sealed class EmbeddedDescriptions : ISchemaDescriptions
{
    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var stream = new BrotliStream(KubernetesResources.Open("descriptions.json.br"), CompressionMode.Decompress);
        using var json = await JsonDocument.ParseAsync(stream, default, cancellationToken).ConfigureAwait(false);
        return json.RootElement.EnumerateObject().ToDictionary(
            member => SchemaTable.FullName(member.Name), member => member.Value.GetString()!, StringComparer.Ordinal);
    }
}
