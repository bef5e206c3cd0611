using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of requests for certificates.</summary>
internal static class CertificateTables
{
    public static KindTable CertificateSigningRequest { get; } = new(
        TableColumn.Name,
        TableColumn.Age,
        TableColumn.Text("SignerName", "Who is to sign.", "spec.signerName"),
        TableColumn.Text("Requestor", "Who asks.", "spec.username"),
        TableColumn.Of("RequestedDuration", "For how long it is to be valid.", DurationOf),
        TableColumn.Of("Condition", "Whether it was approved and signed.", ConditionOf));

    private static string DurationOf(JsonElement request) =>
        request.GetInt64("spec.expirationSeconds") is { } seconds ? HumanDuration.Format(TimeSpan.FromSeconds(seconds)) : TableCells.None;

    private static string ConditionOf(JsonElement request)
    {
        var types = request.Entries("status.conditions").Select(condition => condition.GetString("type")).ToHashSet(StringComparer.Ordinal);
        List<string> words = types.Contains("Denied") ? ["Denied"] : types.Contains("Approved") ? ["Approved"] : types.Contains("Failed") ? [] : ["Pending"];
        if (types.Contains("Failed"))
        {
            words.Add("Failed");
        }

        if (request.GetString("status.certificate") is { Length: > 0 })
        {
            words.Add("Issued");
        }

        return string.Join(',', words);
    }
}
