using System.Text.Json;
using Modular.TableGenerator;

// Writes the table of Kubernetes' resources and types from the facts of its API.
// All resources are listed; the types are those of the resources that are named.
// Usage: dotnet run --project generator -- FACTS.json TABLE-DIRECTORY GROUP/VERSION/RESOURCE...
if (args.Length < 3)
{
    Console.Error.WriteLine("usage: generator FACTS.json TABLE-DIRECTORY GROUP/VERSION/RESOURCE... (the core group: v1/pods)");
    return 2;
}

using var facts = JsonDocument.Parse(File.ReadAllBytes(args[0]));
var table = new TableWriter(facts.RootElement);
foreach (var wanted in args[2..])
{
    var slash = wanted.LastIndexOf('/');
    table.AddResource(wanted[..slash], wanted[(slash + 1)..]);
}

table.AddOthers();
File.WriteAllText(Path.Combine(args[1], "resources.txt"), table.Resources());
File.WriteAllText(Path.Combine(args[1], "types.txt"), table.Types());
return 0;
