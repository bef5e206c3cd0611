namespace Modular.Abstractions;

/// <summary>
/// What explain prints of schemas that do not say it themselves. Asked for whenever a document is made of them, and let go again: descriptions are as
/// large as all the rest, and most clusters are never asked for them. Thread-safe.
/// </summary>
public interface ISchemaDescriptions
{
    /// <summary>Reads them: of schemas by their names, of fields as NAME.FIELD.</summary>
    /// <exception cref="Modular.ApiMachinery.ApiException">They can't be had now: ServiceUnavailable.</exception>
    ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken);
}
