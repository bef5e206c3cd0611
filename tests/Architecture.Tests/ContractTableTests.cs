using System.Text;
using System.Text.RegularExpressions;

namespace Modular.Architecture.Tests;

/// <summary>docs/contracts.md says of each contract where it holds, and names tests that exist.</summary>
public sealed partial class ContractTableTests
{
    private static string File => Path.Combine(Repository.Root, "docs", "contracts.md");

    [Fact]
    public void The_document_is_made_of_the_table()
    {
        var expected = Document();
        if (Environment.GetEnvironmentVariable("MODULAR_WRITE_CONTRACTS") == "1")
        {
            System.IO.File.WriteAllText(File, expected);
        }

        Assert.Equal(expected, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void Each_contract_has_a_row()
    {
        var contracts = Repository.Files("*.cs").Where(file => file.Contains("/core/Modular.Abstractions", StringComparison.Ordinal))
            .SelectMany(file => ContractName().Matches(System.IO.File.ReadAllText(file))).Select(match => match.Groups["name"].Value);
        Assert.Empty(contracts.Except(ContractTable.Rows.Select(row => row[0])));
    }

    [Fact]
    public void Each_test_it_names_is_there() =>
        Assert.All(ContractTable.Rows.SelectMany(row => row.Skip(1)).Where(cell => cell[0] != '-'), cell => Assert.NotNull(FileOf(cell)));

    private static string Document()
    {
        var text = new StringBuilder();
        text.Append("# Where each contract holds\n\n");
        text.Append("Made of [ContractTable.cs](../tests/Architecture.Tests/ContractTable.cs); a link is a test, and all of them run in `./test`. *Exchanged*: another plugin, or a new\n");
        text.Append("instance, takes the role over while the cluster serves. *Process killed*: kill -9 of the plugin's own process; the API answers, and the role returns.\n\n");
        text.Append($"| {string.Join(" | ", ContractTable.Columns)} |\n|{string.Concat(Enumerable.Repeat("---|", ContractTable.Columns.Count))}\n");
        foreach (var row in ContractTable.Rows)
        {
            text.Append($"| {(row[0].StartsWith("modular.", StringComparison.Ordinal) ? $"`{row[0]}`" : row[0])} | {string.Join(" | ", row.Skip(1).Select(Cell))} |\n");
        }

        return text.ToString();
    }

    private static string Cell(string cell) =>
        cell[0] == '-' ? $"*{cell[1..]}*" : $"[✓](../{Path.GetRelativePath(Repository.Root, FileOf(cell) ?? "").Replace('\\', '/')})";

    /// <summary>The file of a test: one that declares the class, with the method if one is named, or the project's folder.</summary>
    private static string? FileOf(string test)
    {
        var parts = test.Split('/');
        var folder = Path.Combine(Repository.Root, "tests", parts[0]);
        if (parts.Length == 1)
        {
            return Directory.Exists(folder) ? folder : null;
        }

        var names = parts[1].Split('.');
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault(file =>
        {
            var source = System.IO.File.ReadAllText(file);
            return Regex.IsMatch(source, $@"\bclass {names[0]}\b") && (names.Length == 1 || Regex.IsMatch(source, $@"\b(Task|void) {names[1]}\("));
        });
    }

    [GeneratedRegex("""\[Contract\("(?<name>[a-z.-]+)",""")]
    private static partial Regex ContractName();
}
