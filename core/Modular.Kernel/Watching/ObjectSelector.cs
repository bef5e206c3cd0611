namespace Modular.Kernel;

/// <summary>A selection of one resource's objects: a namespace, labels and fields. Immutable.</summary>
internal sealed class ObjectSelector
{
    private const string NameField = "metadata.name";
    private const string NamespaceField = "metadata.namespace";

    private readonly FieldCondition[] _fields;

    private ObjectSelector(string ns, LabelSelector labels, FieldCondition[] fields, string? name)
    {
        Namespace = ns;
        Labels = labels;
        _fields = fields;
        Name = name;
    }

    /// <summary>Empty for all namespaces.</summary>
    public string Namespace { get; }

    /// <summary>The only name selected; null for any.</summary>
    public string? Name { get; }

    /// <summary>The labels asked for.</summary>
    public LabelSelector Labels { get; }

    /// <summary>True if nothing but the namespace narrows the selection.</summary>
    public bool TakesWholeNamespace => Labels.MatchesEverything && _fields.Length == 0;

    /// <summary>Reads the selectors of a request.</summary>
    /// <exception cref="ApiException">BadRequest: a selector cannot be read, or asks for a field that the kind does not offer.</exception>
    public static ObjectSelector Parse(ResourceDefinition definition, string ns, string labels, string fields)
    {
        var labelSelector = LabelSelector.Parse(labels);
        var requirements = FieldSelector.Parse(fields).Requirements;
        var conditions = new FieldCondition[requirements.Count];
        string? name = null;
        for (var i = 0; i < conditions.Length; i++)
        {
            var requirement = requirements[i];
            conditions[i] = new FieldCondition(IndexOf(definition, requirement.Field), requirement.Value, requirement.Negated);
            if (conditions[i] is { Field: FieldCondition.Name, Negated: false })
            {
                name = requirement.Value;
            }
        }

        return new ObjectSelector(ns, labelSelector, conditions, name);
    }

    /// <summary>The selectable field that must have one exact value, if the selection says one.</summary>
    public bool TryGetExactField(out int field, out string value)
    {
        foreach (var condition in _fields)
        {
            if (condition.Field >= 0 && !condition.Negated)
            {
                field = condition.Field;
                value = condition.Value;
                return true;
            }
        }

        field = -1;
        value = "";
        return false;
    }

    /// <summary>The same selection within one namespace.</summary>
    public ObjectSelector In(string ns) => ns == Namespace ? this : new ObjectSelector(ns, Labels, _fields, Name);

    /// <summary>Whether an object is selected. Allocates nothing.</summary>
    public bool Matches(CachedObject candidate)
    {
        if (Namespace.Length > 0 && candidate.Object.Metadata.Namespace != Namespace)
        {
            return false;
        }

        foreach (var condition in _fields)
        {
            if (!condition.Holds(candidate))
            {
                return false;
            }
        }

        return Labels.MatchesEverything || Labels.Matches(candidate.Object.Metadata.Labels);
    }

    private static int IndexOf(ResourceDefinition definition, string field)
    {
        if (field is NameField or NamespaceField)
        {
            return field == NameField ? FieldCondition.Name : FieldCondition.Namespace;
        }

        for (var i = 0; i < definition.SelectableFields.Count; i++)
        {
            if (definition.SelectableFields[i].Path == field)
            {
                return i;
            }
        }

        throw new ApiException(StatusReason.BadRequest, $"field label not supported: {field}");
    }

    private readonly record struct FieldCondition(int Field, string Value, bool Negated)
    {
        public const int Name = -1;
        public const int Namespace = -2;

        public bool Holds(CachedObject candidate)
        {
            var actual = Field switch
            {
                Name => candidate.Object.Metadata.Name,
                Namespace => candidate.Object.Metadata.Namespace,
                _ => candidate.Fields[Field],
            };
            return (actual == Value) != Negated;
        }
    }
}
